import * as tf from '@tensorflow/tfjs-core'
import {setImmediate as nextTurn} from 'node:timers/promises'
import {batches} from '../data/batches.ts'
import type {Images} from '../data/images.ts'
import {toTensor} from '../data/to-tensor.ts'
import type {Model} from '../nn/model.ts'

/** Images in one forward pass: enough to keep two cores busy, few enough for the activations of a wide network. */
const BATCH = 200

/** The class of each image, by the largest logit. Leaves no tensors behind. */
export async function predict(model: Model, images: Images): Promise<Int32Array> {
  const classes = new Int32Array(images.count)
  let done = 0
  for (const indices of batches(images.count, BATCH)) {
    const predicted = tf.tidy(() => tf.argMax(model.logits(toTensor(images, indices)), 1))
    try {
      classes.set(await predicted.data<'int32'>(), done)
    } finally {
      predicted.dispose()
    }
    done += indices.length
    // Without it Ctrl-C would wait for the end of whoever predicts in a loop: kernels run synchronously.
    await nextTurn()
  }
  return classes
}
