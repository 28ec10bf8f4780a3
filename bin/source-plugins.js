import {Plugin} from '@oclif/core/config'
import {readFile, readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

/**
 * oclif's load options with the root and every plugin of the checkout read from TypeScript instead of dist.
 * @param {URL} checkout
 */
export async function sourcePlugins(checkout) {
  const root = fileURLToPath(checkout)
  const folders = (await readdir(join(root, 'plugins'))).sort().map((name) => join(root, 'plugins', name))
  const plugins = [
    await sourcePlugin(root, '.'),
    ...(await Promise.all(folders.map((folder) => sourcePlugin(folder, 'src')))),
  ]
  return {root, plugins: new Map(plugins.map((plugin) => [plugin.name, plugin]))}
}

/** @param {string} root @param {string} source */
async function sourcePlugin(root, source) {
  const text = await readFile(join(root, 'package.json'), 'utf8')
  const pjson = JSON.parse(text.replaceAll('./dist/', `./${source}/`))
  const plugin = new Plugin({root, name: pjson.name, pjson, isRoot: true, ignoreManifest: true, type: 'core'})
  await plugin.load()
  return plugin
}
