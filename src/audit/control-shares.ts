import type {Images} from '../data/images.ts'
import {stamp} from '../data/stamp.ts'
import type {Trigger} from '../data/trigger.ts'
import type {Random} from '../engine/random.ts'
import type {Model} from '../nn/model.ts'
import {predict} from '../train/predict.ts'
import {movedShares} from './moved-shares.ts'
import {randomControl} from './random-control.ts'

/** For each class, the largest share (`movedShares`) that one of `count` random controls of a trigger moves into it. */
export async function controlShares(
  model: Model,
  trigger: Trigger,
  {
    images,
    before,
    count,
    random,
    signal,
  }: {images: Images; before: Int32Array; count: number; random: Random; signal: AbortSignal},
): Promise<Float64Array> {
  const {classes} = model.network.architecture
  const largest = new Float64Array(classes)
  for (let n = 0; n < count; n++) {
    signal.throwIfAborted()
    const after = await predict(model, stamp(images, randomControl(trigger, random.fork(n))))
    movedShares(before, after, classes).forEach((share, c) => (largest[c] = Math.max(largest[c]!, share)))
  }
  return largest
}
