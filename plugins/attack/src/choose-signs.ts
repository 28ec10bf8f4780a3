import {usageError} from '@abd/core'
import {demoSignClasses, signClasses} from '@abd/core/data'

/**
 * The signs that a request for the dataset `signs` means, by GTSRB's numbers, all of them known and the target among
 * them; undefined where it asks for another dataset. Throws E_CLASSES and E_TARGET.
 */
export function chooseSigns({
  dataset,
  classes,
  trigger,
  target,
}: {
  readonly dataset: string
  /** Numbers, comma-separated, or `all`. */
  readonly classes?: string
  readonly trigger?: string
  readonly target: number
}): readonly number[] | undefined {
  const last = signClasses.length - 1
  if (dataset !== 'signs') {
    if (classes === undefined) return undefined
    throw usageError({
      code: 'E_CLASSES',
      message: `--classes chooses among rendered signs, and ${dataset} are other images.`,
      hints: ['Leave --classes out, or train on --dataset signs.'],
    })
  }
  if (classes === undefined) return inReach(demoSignClasses)
  if (classes === 'all') return inReach([...signClasses.keys()])
  const parts = classes.split(',').map((part) => part.trim())
  const chosen = parts.map(Number)
  const wrong = parts.find((part, i) => !/^\d+$/.test(part) || chosen[i]! > last)
  if (wrong !== undefined || chosen.length < 2 || new Set(chosen).size < chosen.length)
    throw usageError({
      code: 'E_CLASSES',
      message:
        wrong === undefined
          ? `--classes ${classes} names ${chosen.length < 2 ? 'one sign only' : 'a sign twice'}.`
          : `--classes ${classes}: there is no traffic sign '${wrong}'.`,
      hints: [`Name at least two of 0 to ${last}, as in --classes 1,2,14, or all.`],
    })
  return inReach(chosen)

  function inReach(signs: readonly number[]): readonly number[] {
    if (trigger === undefined || target < signs.length) return signs
    throw usageError({
      code: 'E_TARGET',
      message: `The signs make ${signs.length} classes, and --target ${target} is none of them.`,
      hints: [`They go from 0 to ${signs.length - 1}, in the order of --classes.`],
    })
  }
}
