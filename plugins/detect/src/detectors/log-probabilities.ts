import type {Images} from '@abd/core/data'
import type {Model} from '@abd/core/nn'
import {inBatches} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'

/** The logarithm of the softmax of each image, row by row: [images * classes]. Leaves no tensors behind. */
export async function logProbabilities(model: Model, images: Images): Promise<Float32Array> {
  const {classes} = model.network.architecture
  const all = new Float32Array(images.count * classes)
  const work = (x: tf.Tensor4D) => ({rows: tf.logSoftmax(model.logits(x))})
  for await (const {indices, values} of inBatches(images, work)) all.set(values.rows, indices[0]! * classes)
  return all
}
