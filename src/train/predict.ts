import * as tf from '@tensorflow/tfjs-core'
import type {Images} from '../data/images.ts'
import type {Model} from '../nn/model.ts'
import {inBatches} from './in-batches.ts'
import type {Watch} from './in-batches.ts'

/** The class of each image, by the largest logit. Leaves no tensors behind, also where the signal ends it. */
export async function predict(model: Model, images: Images, watch: Watch = {}): Promise<Int32Array> {
  const classes = new Int32Array(images.count)
  const work = (x: tf.Tensor4D) => ({predicted: tf.argMax(model.logits(x), 1)})
  for await (const {indices, values} of inBatches(images, work, watch))
    classes.set(values.predicted, indices[0])
  return classes
}
