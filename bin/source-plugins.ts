import {Plugin} from '@oclif/core/config'
import type {PJSON} from '@oclif/core/interfaces'
import {readFile, readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

/** oclif's load options with the root and every plugin of the checkout read from TypeScript instead of dist. */
export async function sourcePlugins(checkout: URL): Promise<{root: string; plugins: Map<string, Plugin>}> {
  const root = fileURLToPath(checkout)
  const folders = (await readdir(join(root, 'plugins'))).sort().map((name) => join(root, 'plugins', name))
  const plugins = [
    await sourcePlugin(root, '.'),
    ...(await Promise.all(folders.map((folder) => sourcePlugin(folder, 'src')))),
  ]
  return {root, plugins: new Map(plugins.map((plugin) => [plugin.name, plugin]))}
}

async function sourcePlugin(root: string, source: string): Promise<Plugin> {
  const text = await readFile(join(root, 'package.json'), 'utf8')
  const pjson = JSON.parse(text.replaceAll('./dist/', `./${source}/`)) as PJSON
  const plugin = new Plugin({root, name: pjson.name, pjson, isRoot: true, ignoreManifest: true, type: 'core'})
  await plugin.load()
  return plugin
}
