import {usageError} from '../errors.ts'
import type {Registry} from '../registry.ts'
import {parseSettings} from '../train/parse-settings.ts'

/**
 * Options of the named triggers by the triggers' own names, not yet checked by their schemas. Throws E_SETTING for an option
 * of another one and E_TRIGGER_UNKNOWN.
 */
export function optionsByTrigger(
  settings: readonly string[],
  names: readonly string[],
  registry: Registry,
): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const named = new Set(
    names.filter((name) => registry.has('trigger', name)).map((name) => registry.get('trigger', name).name),
  )
  const owned = settings.map((text) => {
    const dot = text.search(/\.[^=]*=/)
    if (dot < 1)
      throw usageError({
        code: 'E_SETTING',
        message: `--set ${text} sets no option of a trigger.`,
        hints: ['Write --set TRIGGER.NAME=VALUE, as in --set sig.form=additive.'],
      })
    const {name} = registry.get('trigger', text.slice(0, dot))
    if (named.has(name)) return {name, setting: text.slice(dot + 1)}
    throw usageError({
      code: 'E_SETTING',
      message: `--set ${text} is for the trigger ${name}, which is not among those named.`,
      hints: [named.size > 0 ? `Named: ${[...named].join(', ')}.` : `Name it: --trigger ${name}`],
    })
  })
  return Object.fromEntries(
    [...named].map((name) => [
      name,
      parseSettings(owned.filter((one) => one.name === name).map(({setting}) => setting)),
    ]),
  )
}
