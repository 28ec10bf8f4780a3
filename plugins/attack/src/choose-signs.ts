import {usageError} from '@abd/core'
import {demoSignClasses, signClasses} from '@abd/core/data'

/**
 * The signs that a request for the dataset `signs` means, by GTSRB's numbers, all of them known and the targets among
 * them; undefined where it asks for another dataset. Throws E_CLASSES, E_TARGET and, for what only rendered signs have, E_OPTIONS.
 */
export function chooseSigns({
  dataset,
  classes,
  perClass,
  targets,
}: {
  readonly dataset: string
  /** Numbers, comma-separated, or `all`. */
  readonly classes?: string | undefined
  /** As it was asked for. */
  readonly perClass?: number | undefined
  readonly targets: readonly number[]
}): readonly number[] | undefined {
  if (dataset !== 'signs') {
    if (perClass !== undefined)
      throw usageError({
        code: 'E_OPTIONS',
        message: `--per-class says how many signs to render, and ${dataset} are other images.`,
        hints: ['Leave --per-class out, or take --dataset signs.'],
      })
    if (classes === undefined) return undefined
    throw usageError({
      code: 'E_CLASSES',
      message: `--classes chooses among rendered signs, and ${dataset} are other images.`,
      hints: ['Leave --classes out, or train on --dataset signs.'],
    })
  }
  const signs = classes === undefined ? demoSignClasses : parseSigns(classes)
  const wrong = targets.find((target) => target >= signs.length)
  if (wrong === undefined) return signs
  throw usageError({
    code: 'E_TARGET',
    message: `The signs make ${signs.length} classes, and the target ${wrong} is none of them.`,
    hints: [`They go from 0 to ${signs.length - 1}, in the order of --classes.`],
  })
}

function parseSigns(classes: string): readonly number[] {
  if (classes === 'all') return [...signClasses.keys()]
  const last = signClasses.length - 1
  const parts = classes.split(',').map((part) => part.trim())
  const chosen = parts.map(Number)
  const wrong = parts.find((part, i) => !/^\d+$/.test(part) || chosen[i]! > last)
  const refused = (why: string) =>
    usageError({
      code: 'E_CLASSES',
      message: `--classes ${classes}${why}`,
      hints: [`Name at least two of 0 to ${last}, as in --classes 1,2,14, or all.`],
    })
  if (wrong !== undefined) throw refused(`: there is no traffic sign '${wrong}'.`)
  if (chosen.length < 2) throw refused(' names one sign only.')
  if (new Set(chosen).size < chosen.length) throw refused(' names a sign twice.')
  return chosen
}
