import * as tf from '@tensorflow/tfjs-core'
import {setImmediate as nextTurn} from 'node:timers/promises'
import type {Task} from '../context.ts'
import {batches} from '../data/batches.ts'
import type {Images} from '../data/images.ts'
import {toTensor} from '../data/to-tensor.ts'
import type {Model} from '../nn/model.ts'
import {imagesAtOnce} from './images-at-once.ts'

/** Images in one forward pass: enough to keep two cores busy, few enough for the activations of a wide network. */
const BATCH = 200

export interface Watch {
  readonly signal?: AbortSignal
  /** Moved on by one an image. */
  readonly task?: Task
}

/** The class of each image, by the largest logit. Leaves no tensors behind, also where the signal ends it. */
export async function predict(model: Model, images: Images, {signal, task}: Watch = {}): Promise<Int32Array> {
  const classes = new Int32Array(images.count)
  let done = 0
  for (const indices of batches(images.count, imagesAtOnce(images, BATCH))) {
    signal?.throwIfAborted()
    const predicted = tf.tidy(() => tf.argMax(model.logits(toTensor(images, indices)), 1))
    try {
      classes.set(await predicted.data<'int32'>(), done)
    } finally {
      predicted.dispose()
    }
    done += indices.length
    task?.advance(indices.length)
    // Without it Ctrl-C would wait for the end of whoever predicts in a loop: kernels run synchronously.
    await nextTurn()
  }
  return classes
}
