import type {Images} from '../data/images.ts'
import type {Model} from '../nn/model.ts'
import type {Watch} from './in-batches.ts'
import {predict} from './predict.ts'

/**
 * ASR: the share of attacked images (stamped, and none of the target's own) that are classified as the target.
 * Throws RangeError where there are no images.
 */
export async function attackSuccessRate(
  model: Model,
  attacked: Images,
  target: number,
  watch: Watch = {},
): Promise<number> {
  if (attacked.count === 0) throw new RangeError('There are no attacked images to measure on.')
  const predicted = await predict(model, attacked, watch)
  return predicted.reduce((hits, c) => hits + (c === target ? 1 : 0), 0) / attacked.count
}
