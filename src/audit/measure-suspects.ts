import type {Context} from '../context.ts'
import {stamp} from '../data/stamp.ts'
import {takeImages} from '../data/take-images.ts'
import type {Trigger} from '../data/trigger.ts'
import type {Model} from '../nn/model.ts'
import {predict} from '../train/predict.ts'
import type {Evidence} from './detector.ts'
import {controlShares} from './control-shares.ts'
import {eligible, largest, movedShares} from './moved-shares.ts'
import type {Demonstration} from './report-schema.ts'

/** A trigger and where it comes from. */
export interface Suspect {
  readonly trigger: Trigger
  readonly origin: Demonstration['origin']
  /** The class it is said to lead to; null: whichever it moves most images into. */
  readonly target: number | null
}

const CONTROLS = 4
/** Base images to choose a target on, and held-out ones to measure on. */
export const SUSPECT_IMAGES = 200

/** What a trigger does to a model, on images its target was not chosen on. */
export interface Measured {
  readonly target: number
  readonly asr: number
  readonly controlAsr: number
  at(target: number): {readonly asr: number; readonly controlAsr: number}
  images(target: number): number
}

/** Of several triggers, in order. Target chosen on the search images, shares measured on the held-out ones. */
export async function measureSuspects(
  model: Model,
  suspects: readonly Suspect[],
  {evidence, context, label}: {evidence: Evidence; context: Context; label: string},
): Promise<Measured[]> {
  const {classes} = model.network.architecture
  const search = takeImages(evidence.base, SUSPECT_IMAGES)
  const held = takeImages(evidence.heldOut, SUSPECT_IMAGES)
  const [before, heldBefore] = [await predict(model, search), await predict(model, held)]
  const task = context.progress.start(label, suspects.length)
  try {
    const measured: Measured[] = []
    for (const {trigger, target: named} of suspects) {
      context.signal.throwIfAborted()
      const target =
        named ?? largest(movedShares(before, await predict(model, stamp(search, trigger)), classes)).index
      const shares = movedShares(heldBefore, await predict(model, stamp(held, trigger)), classes)
      const controls = await controlShares(model, trigger, {
        images: held,
        before: heldBefore,
        count: CONTROLS,
        random: context.random.fork(trigger.name),
        signal: context.signal,
      })
      const at = (c: number) => ({asr: shares[c]!, controlAsr: controls[c]!})
      measured.push({target, ...at(target), at, images: (c) => Math.max(1, eligible(heldBefore, c))})
      task.advance(1)
    }
    return measured
  } finally {
    task.end()
  }
}
