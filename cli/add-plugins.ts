import {environmentError, usageError} from '@abd/core'
import type {AbdPlugin, Method} from '@abd/core'
import type {Interfaces} from '@oclif/core'
import {existsSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import {printable} from './printable.ts'
import {loadRegistry} from './registry.ts'
import {changeUserPlugins, isPlugin, noPlugin, pluginIn, pluginList, readUserPlugins} from './user-plugins.ts'
import type {Manifest, UserPlugin} from './user-plugins.ts'

/** What a plugin brings. */
export interface Brought {
  readonly name: string
  readonly version: string
  readonly methods: readonly {readonly kind: string; readonly name: string}[]
  readonly commands: readonly string[]
}

export const describeBrought = ({name, version, methods, commands}: Brought): string => {
  const brings = [
    ...methods.map((method) => `${method.kind} ${method.name}`),
    ...commands.map((id) => `abd ${id}`),
  ]
  return printable(`${name} ${version}: ${brings.join(', ') || 'it brings nothing'}`)
}

/**
 * Lists the plugin in this folder, which stays where it is, and gives what it brings. One that does not load, or that
 * brings what is there already, is not kept. Throws E_NO_PLUGIN, E_PLUGIN, E_METHOD_TWICE.
 */
export async function linkPlugin(folder: string, config: Interfaces.Config): Promise<Brought> {
  const {name, root} = await pluginIn(folder)
  const before = await readUserPlugins(config)
  await changeUserPlugins(config, (plugins) => [...others(plugins, name), {name, type: 'link', root}])
  try {
    return await whatBrings(name, config)
  } catch (error) {
    await changeUserPlugins(config, () => before)
    throw error
  }
}

/**
 * Installs a package with npm in abd's data folder, running none of its scripts, and gives what it brings. One that is no
 * plugin, that does not load or that brings what is there already is removed again. Throws E_NPM and as `linkPlugin`.
 */
export async function installPlugin(
  specifier: string,
  config: Interfaces.Config,
  signal: AbortSignal,
): Promise<readonly Brought[]> {
  const before = await dependenciesOf(config)
  await changeUserPlugins(config, (plugins) => plugins)
  const source = existsSync(specifier) ? resolve(specifier) : specifier
  await npm(['install', '--save-exact', '--install-links', source], config, signal)
  const after = await dependenciesOf(config)
  const changed = Object.keys(after).filter((name) => after[name] !== before[name])
  const added = changed.length > 0 ? changed : Object.keys(after)
  try {
    for (const name of added)
      if (!isPlugin(await manifestOf(name, config))) throw noPlugin(name, 'it has neither hook nor commands')
    await changeUserPlugins(config, (plugins, installed) => [
      ...plugins.filter((plugin) => plugin.type === 'link' && !installed.includes(plugin.name)),
      ...installed.map((name): UserPlugin => ({name, type: 'user'})),
    ])
    const brought: Brought[] = []
    for (const name of added) brought.push(await whatBrings(name, config))
    return brought
  } catch (error) {
    for (const name of changed) await removePlugin(name, config, signal)
    throw error
  }
}

/** Takes a plugin off the list, and its package out of the data folder where npm put it. Throws E_PLUGIN_UNKNOWN. */
export async function uninstallPlugin(
  name: string,
  config: Interfaces.Config,
  signal: AbortSignal,
): Promise<void> {
  const plugins = await readUserPlugins(config)
  if (!plugins.some((plugin) => plugin.name === name))
    throw usageError({
      code: 'E_PLUGIN_UNKNOWN',
      message: `There is no plugin of yours named '${name}'.`,
      hints: [
        plugins.length > 0
          ? `There are: ${plugins.map((plugin) => plugin.name).join(', ')}.`
          : 'There are none.',
      ],
    })
  await removePlugin(name, config, signal)
}

async function removePlugin(name: string, config: Interfaces.Config, signal: AbortSignal): Promise<void> {
  if (Object.hasOwn(await dependenciesOf(config), name)) await npm(['uninstall', name], config, signal)
  await changeUserPlugins(config, (plugins) => others(plugins, name))
}

const others = (plugins: readonly UserPlugin[], name: string) =>
  plugins.filter((plugin) => plugin.name !== name)

/** Asks all plugins anew, as the next command will. */
async function whatBrings(name: string, {root}: Interfaces.Config): Promise<Brought> {
  const {Config} = await import('@oclif/core/config')
  const config = await Config.load({root})
  const plugin = config.plugins.get(name)
  if (!plugin) throw noPlugin(name, 'it cannot be found')
  await loadRegistry(config)
  const {successes} = await config.runHook('abd:plugin', {}, undefined, true)
  const answers = successes.filter((success) => success.plugin.name === name)
  return {
    name,
    version: plugin.version,
    methods: answers.flatMap((answer) =>
      (answer.result as AbdPlugin).methods.map((method: Method) => ({kind: method.kind, name: method.name})),
    ),
    commands: plugin.commands.map(({id}) => id.replaceAll(':', ' ')),
  }
}

async function npm(
  args: readonly string[],
  config: Interfaces.Config,
  cancelSignal: AbortSignal,
): Promise<void> {
  const {execa} = await import('execa')
  const options = {cwd: dirname(pluginList(config)), reject: false, cancelSignal, all: true} as const
  // What abd shares with plugins is their peer dependency, and abd's to give (bin/provide.js).
  const quiet = ['--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund', '--loglevel=error']
  const {failed, all, exitCode} = await execa('npm', [...args, ...quiet], options)
  cancelSignal.throwIfAborted()
  if (!failed) return
  throw environmentError({
    code: 'E_NPM',
    message: `npm ${args.join(' ')} failed.\n${all?.trim().split('\n').slice(0, 10).join('\n') ?? ''}`,
    hints: [
      exitCode === undefined
        ? 'Install npm: it comes with Node.'
        : 'Mend what npm names, then run this again.',
    ],
  })
}

const dependenciesOf = async (config: Interfaces.Config): Promise<Readonly<Record<string, string>>> =>
  (await readManifest(pluginList(config))).dependencies ?? {}

const manifestOf = (name: string, {dataDir}: Interfaces.Config): Promise<Manifest> =>
  readManifest(join(dataDir, 'node_modules', name, 'package.json'))

async function readManifest(path: string): Promise<Manifest> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Manifest
  } catch {
    return {}
  }
}
