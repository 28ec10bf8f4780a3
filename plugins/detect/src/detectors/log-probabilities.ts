import {batches, toTensor} from '@abd/core/data'
import type {Images} from '@abd/core/data'
import type {Model} from '@abd/core/nn'
import {imagesAtOnce} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {setImmediate as nextTurn} from 'node:timers/promises'

/** Images in one pass, of small ones. */
const BATCH = 200

/** The logarithm of the softmax of each image, row by row: [images * classes]. Leaves no tensors behind. */
export async function logProbabilities(model: Model, images: Images): Promise<Float32Array> {
  const {classes} = model.network.architecture
  const all = new Float32Array(images.count * classes)
  for (const indices of batches(images.count, imagesAtOnce(images, BATCH))) {
    const rows = tf.tidy(() => tf.logSoftmax(model.logits(toTensor(images, indices))))
    try {
      all.set(await rows.data<'float32'>(), indices[0]! * classes)
    } finally {
      rows.dispose()
    }
    await nextTurn()
  }
  return all
}
