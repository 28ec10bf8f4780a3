import type {Images} from '../data/images.ts'
import {stamp} from '../data/stamp.ts'
import type {Trigger} from '../data/trigger.ts'
import type {Model} from '../nn/model.ts'
import {predict} from '../train/predict.ts'
import {movedShares} from './moved-shares.ts'

/** For each class, the largest share (`movedShares`) that one of a trigger's neighbours moves into it; 0 where it has none. */
export async function neighbourShares(
  model: Model,
  {neighbours = []}: Trigger,
  {images, before}: {readonly images: Images; readonly before: Int32Array},
): Promise<Float64Array> {
  const {classes} = model.network.architecture
  const largest = new Float64Array(classes)
  for (const neighbour of neighbours) {
    const after = await predict(model, stamp(images, neighbour))
    movedShares(before, after, classes).forEach((share, c) => (largest[c] = Math.max(largest[c]!, share)))
  }
  return largest
}
