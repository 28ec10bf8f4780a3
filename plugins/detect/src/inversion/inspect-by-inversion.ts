import type {Context} from '@abd/core'
import type {Observation} from '@abd/core/audit'
import {eligible, movedShares} from '@abd/core/audit'
import type {Images} from '@abd/core/data'
import {takeImages} from '@abd/core/data'
import type {Model} from '@abd/core/nn'
import {predict} from '@abd/core/train'
import {tooFewClasses} from '../detectors/not-applicable.ts'
import {outlier} from '../detectors/outlier.ts'
import {median} from '../weights/robust-scores.ts'
import {applyInverted} from './apply-inverted.ts'
import {illustrateTrigger} from './illustrate-trigger.ts'
import {invertTriggers} from './invert-triggers.ts'
import type {InversionOptions} from './invert-triggers.ts'

/** Images that the trigger of the suspected class is tried on; none of them was used to find it. */
const HELD_OUT = 200

/** A tenth in size: what inversions of one class differ by. */
export const LEAST_SPREAD = 0.1

export interface InversionSearch {
  readonly model: Model
  readonly base: Images
  readonly heldOut: Images
  readonly context: Context
  readonly label: string
  /** As the report's pictures name the trigger. */
  readonly name: string
}

/**
 * Inverts a trigger for every class; the statistic is how far the smallest lies below the other classes', as a robust z-score
 * of log(largest / size): NC's anomaly index against the other classes, on a scale where half the size counts the same for
 * small triggers and for large ones.
 */
export async function inspectByInversion(
  {model, base, heldOut, context, label, name}: InversionSearch,
  options: InversionOptions,
): Promise<Observation> {
  const {classes} = model.network.architecture
  if (classes < 3) return tooFewClasses
  const triggers = await invertTriggers(model, base, options, {context, label})
  const perClass = triggers.map(({size, largest}) => Math.log(largest / size))
  const {statistic, target} = outlier(perClass, LEAST_SPREAD)
  const suspect = triggers[target]!
  const held = takeImages(heldOut, HELD_OUT)
  const before = await predict(model, held)
  const after = await predict(model, applyInverted(held, suspect))
  const found = suspect.size < suspect.largest
  const share = movedShares(before, after, classes)[target]!
  const tried = eligible(before, target)
  return {
    statistic,
    target: found ? target : null,
    perClass,
    details: {
      size: suspect.size,
      otherSizes: median(triggers.filter((one) => one !== suspect).map(({size}) => size)),
      heldOutShare: share,
      heldOutImages: tried,
      steps: options.steps,
    },
    ...(found
      ? {
          illustrations: [
            illustrateTrigger(suspect, {
              images: held,
              before,
              moved: `moves ${(100 * share).toFixed(0)} % of ${tried} held-out images into class ${target}`,
              name: `${name}:${target}`,
              size: options.form,
            }),
          ],
        }
      : {}),
  }
}
