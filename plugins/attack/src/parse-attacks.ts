import type {Context, ImageShape, Registry} from '@abd/core'
import {usageError} from '@abd/core'
import {parseTrigger} from '@abd/core/audit'
import type {Trigger} from '@abd/core/data'
import {parseSettings} from '@abd/core/train'

/** A trigger that is to be put on images, and the class it shall lead to. */
export interface NamedAttack {
  /** As it was named: `badnet_grid`, `sticker.png`. */
  readonly name: string
  readonly target: number
  /** Throws E_TRIGGER_SHAPE, and what reading a picture throws. */
  make(shape: ImageShape): Promise<Trigger>
}

export interface AttackWords {
  /** NAME[:TARGET] or image.png[,mask.png][:TARGET]. */
  readonly triggers: readonly string[]
  /** Where those without a target lead to: one attack each. */
  readonly targets: readonly number[]
  /** Of triggers, by their names: `sig.form=additive`. */
  readonly settings: readonly string[]
}

/**
 * The attacks that these words name, options checked by their triggers' schemas. Throws E_TRIGGER_UNKNOWN with the
 * nearest name, E_TRIGGER, E_PATH, E_OPTIONS, E_SETTING for an option of a trigger that is not among them, and E_ATTACKS
 * where one is named twice.
 */
export function parseAttacks(
  {triggers, targets, settings}: AttackWords,
  {registry, context}: {readonly registry: Registry; readonly context: Context},
): readonly NamedAttack[] {
  const words = triggers.flatMap((text) =>
    /:\d+$/.test(text) ? [text] : targets.map((target) => `${text}:${target}`),
  )
  const names = words.map((word) => word.replace(/:\d+$/, ''))
  const twice = words.find((word, i) => words.indexOf(word) < i)
  if (twice !== undefined)
    throw usageError({
      code: 'E_ATTACKS',
      message: `--trigger ${twice} is named twice.`,
      hints: ['Once is enough.'],
    })
  const options = optionsByTrigger(settings, names, registry)
  return words.map((word, i) => {
    const suspect = parseTrigger(word, registry, context, options)
    return {
      name: names[i]!,
      target: Number(/\d+$/.exec(word)![0]),
      make: async (shape) => (await suspect(shape)).trigger,
    }
  })
}

/** Settings of triggers, `sig.form=additive`, and all others. */
export function partSettings(settings: readonly string[]): {
  readonly ofTriggers: readonly string[]
  readonly others: readonly string[]
} {
  const isOfTrigger = (text: string) => /^[\w-]+\.[^=]*=/.test(text)
  return {
    ofTriggers: settings.filter(isOfTrigger),
    others: settings.filter((text) => !isOfTrigger(text)),
  }
}

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
