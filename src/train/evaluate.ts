import type {LabelledImages} from '../data/images.ts'
import type {Model} from '../nn/model.ts'
import type {Watch} from './in-batches.ts'
import {predict} from './predict.ts'

/** Top-1 accuracy, a fraction. Throws RangeError where there are no images. */
export async function evaluate(
  model: Model,
  {images, labels}: LabelledImages,
  watch: Watch = {},
): Promise<{accuracy: number}> {
  if (images.count === 0) throw new RangeError('There are no images to evaluate on.')
  const predicted = await predict(model, images, watch)
  return {accuracy: predicted.reduce((right, c, i) => right + (c === labels[i] ? 1 : 0), 0) / images.count}
}
