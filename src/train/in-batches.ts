import * as tf from '@tensorflow/tfjs-core'
import type {Tensor, Tensor4D} from '@tensorflow/tfjs-core'
import {setImmediate as nextTurn} from 'node:timers/promises'
import type {Task} from '../context.ts'
import {batches} from '../data/batches.ts'
import type {Images} from '../data/images.ts'
import {toTensor} from '../data/to-tensor.ts'
import {imagesAtOnce} from './images-at-once.ts'

/** Images in one forward pass: enough to keep two cores busy, few enough for the activations of a wide network. */
const BATCH = 200

export interface Watch {
  readonly signal?: AbortSignal
  /** Moved on by one an image. */
  readonly task?: Task
}

/** What was computed of some of the images. */
export interface BatchValues<N extends string> {
  /** Of these images; the first is where the last batch ended. */
  readonly indices: Int32Array
  /** Row by row. */
  readonly values: Readonly<Record<N, Float32Array | Int32Array>>
}

/**
 * Runs `work` on all images, so many at a time as memory allows (`most` small ones), and yields what it gives, read back. `work` takes
 * images in [0, 1], [B, H, W, C], with their indices, and is tidied. Leaves no tensors behind, also where the signal, an error or
 * whoever listens ends it.
 */
export async function* inBatches<N extends string>(
  images: Images,
  work: (x: Tensor4D, indices: Int32Array) => Readonly<Record<N, Tensor>>,
  {most = BATCH, signal, task}: Watch & {readonly most?: number} = {},
): AsyncGenerator<BatchValues<N>> {
  for (const indices of batches(images.count, imagesAtOnce(images, most))) {
    signal?.throwIfAborted()
    const given = tf.tidy(() => ({...work(toTensor(images, indices), indices)})) as Record<N, Tensor>
    let read: [string, Float32Array | Int32Array][]
    try {
      read = await Promise.all(
        Object.entries<Tensor>(given).map(
          async ([name, tensor]) =>
            [name, await tensor.data<'float32' | 'int32'>()] as [string, Float32Array],
        ),
      )
    } finally {
      tf.dispose(given)
    }
    yield {indices, values: Object.fromEntries(read) as BatchValues<N>['values']}
    task?.advance(indices.length)
    // Without it Ctrl-C would wait for the end of whoever computes in a loop: kernels run synchronously.
    await nextTurn()
  }
}
