import {environmentError, usageError} from '@abd/core'
import type {Interfaces} from '@oclif/core'
import {readFile} from 'node:fs/promises'
import {join, resolve} from 'node:path'

/** A plugin that the user added; where it is linked, `root` is its folder. The form is oclif's, which loads them. */
export type UserPlugin =
  | {readonly name: string; readonly type: 'user'; readonly tag?: string}
  | {readonly name: string; readonly type: 'link'; readonly root: string}

/** What is read of a package.json here. */
export interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly oclif?: {
    readonly plugins?: readonly UserPlugin[]
    readonly hooks?: Readonly<Record<string, unknown>>
    readonly commands?: unknown
  }
}

/** Where the user's plugins are listed: a package.json in abd's data folder, in which npm installs them, too. */
export const pluginList = ({dataDir}: Pick<Interfaces.Config, 'dataDir'>): string =>
  join(dataDir, 'package.json')

/** Throws E_PLUGINS_FILE where the list is there and cannot be read. */
export async function readUserPlugins(
  config: Pick<Interfaces.Config, 'dataDir'>,
): Promise<readonly UserPlugin[]> {
  return (await readList(pluginList(config))).oclif?.plugins ?? []
}

/** The list with what this makes of it, in one step; npm's part of the file stays. */
export async function changeUserPlugins(
  config: Pick<Interfaces.Config, 'dataDir'>,
  change: (plugins: readonly UserPlugin[], dependencies: readonly string[]) => readonly UserPlugin[],
): Promise<void> {
  const {writeRendered} = await import('@abd/core/report')
  const path = pluginList(config)
  const list = await readList(path)
  const plugins = change(list.oclif?.plugins ?? [], Object.keys(list.dependencies ?? {}))
  const changed = {private: true, ...list, oclif: {...list.oclif, schema: 1, plugins}}
  await writeRendered(path, `${JSON.stringify(changed, null, 2)}\n`)
}

/** The name of the plugin in this folder. Throws E_NO_PLUGIN where there is none. */
export async function pluginIn(folder: string): Promise<{readonly name: string; readonly root: string}> {
  const root = resolve(folder)
  const text = await readFile(join(root, 'package.json'), 'utf8').catch(() => undefined)
  const manifest = text === undefined ? undefined : parsed(text)
  const name = manifest?.name
  if (name !== undefined && isPlugin(manifest)) return {name, root}
  throw noPlugin(
    folder,
    text === undefined ? 'it has no package.json' : 'its package.json names neither hook nor commands',
  )
}

export const isPlugin = (manifest: Manifest | undefined): boolean =>
  manifest?.oclif?.hooks?.['abd:plugin'] !== undefined || manifest?.oclif?.commands !== undefined

export const noPlugin = (what: string, why: string) =>
  usageError({
    code: 'E_NO_PLUGIN',
    message: `${what} is no plugin of abd: ${why}.`,
    hints: ['A plugin answers the hook abd:plugin: "oclif": {"hooks": {"abd:plugin": "./hook.js"}}.'],
  })

async function readList(path: string): Promise<Manifest> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  const list = parsed(text)
  if (list && (list.oclif?.plugins === undefined || Array.isArray(list.oclif.plugins))) return list
  throw environmentError({
    code: 'E_PLUGINS_FILE',
    message: `The list of plugins, ${path}, cannot be read.`,
    hints: ['Mend it, or remove it: abd then has its own plugins only.'],
  })
}

/** Undefined for what is no JSON object. */
function parsed(text: string): Manifest | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
