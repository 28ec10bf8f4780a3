import type {AbdPlugin, Registry} from '@abd/core'
import {createRegistry, usageError} from '@abd/core'
import type {Config, Interfaces} from '@oclif/core'
import type {Hook, Hooks} from '@oclif/core/hooks'

/** The hook that every plugin answers with what it contributes. */
export type AbdHooks = Hooks & {'abd:plugin': {options: Record<string, never>; return: AbdPlugin}}
export type AbdPluginHook = Hook<'abd:plugin', AbdHooks>

/** Asks all installed oclif plugins, core's own methods first. A plugin that throws is an error, not a gap. */
export async function loadRegistry(config: Config | Interfaces.Config): Promise<Registry> {
  const {datasetMethods} = await import('@abd/core/data')
  const {successes, failures} = await (config as Config).runHook('abd:plugin', {}, undefined, true)
  const failure = failures[0]
  if (failure)
    throw usageError({
      code: 'E_PLUGIN',
      message: `The plugin ${failure.plugin.name} could not be loaded: ${failure.error.message}`,
      hints: [`Update or remove it: abd plugins uninstall ${failure.plugin.name}`],
      cause: failure.error,
    })
  for (const {plugin, result} of successes)
    if (!Array.isArray((result as Partial<AbdPlugin> | undefined)?.methods))
      throw usageError({
        code: 'E_PLUGIN',
        message: `The plugin ${plugin.name} brings no list of methods.`,
        hints: [
          'Its hook abd:plugin has to answer {name, methods: [...]}.',
          `Or remove it: abd plugins uninstall ${plugin.name}`,
        ],
      })
  const plugins = successes
    .map((success) => success.result as AbdPlugin)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return createRegistry([{name: '@abd/core', methods: datasetMethods}, ...plugins])
}
