import type {Context, ImageShape, Registry} from '@abd/core'
import {usageError} from '@abd/core'
import {optionsByTrigger, parseTrigger} from '@abd/core/audit'
import type {Trigger} from '@abd/core/data'

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
 * where one is named twice or `none` is among them.
 */
export function parseAttacks(
  {triggers, targets, settings}: AttackWords,
  {registry, context}: {readonly registry: Registry; readonly context: Context},
): readonly NamedAttack[] {
  if (triggers.includes('none'))
    throw usageError({
      code: 'E_ATTACKS',
      message:
        triggers.length === 1
          ? '--trigger none names no trigger.'
          : `--trigger none stands for no backdoor, and ${triggers.filter((text) => text !== 'none').join(' and ')} for one.`,
      hints: [
        triggers.length === 1 ? 'Leave --trigger out.' : 'Leave --trigger none out, or everything but it.',
      ],
    })
  // What of a trigger's name and a colon is taken for a class by whoever wrote it, whole number or not.
  const isAimed = (text: string) =>
    /:-?\d+$/.test(text) || registry.has('trigger', text.slice(0, Math.max(0, text.indexOf(':'))))
  const words = triggers.flatMap((text) =>
    isAimed(text) ? [text] : targets.map((target) => `${text}:${target}`),
  )
  const names = words.map((word) => word.replace(/:-?\d+$/, ''))
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
