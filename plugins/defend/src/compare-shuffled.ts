import {batches, toTensor} from '@abd/core/data'
import type {Images} from '@abd/core/data'
import {shuffleDivergence} from '@abd/core/math'
import type {Model, ShuffledEnsemble} from '@abd/core/nn'
import {imagesAtOnce, normalise} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {setImmediate as nextTurn} from 'node:timers/promises'

const BATCH = 100

/** One number an image. */
export interface Compared {
  /** The teacher's class, and the ensemble's. */
  readonly own: Int32Array
  readonly shuffled: Int32Array
  /** KL(T ‖ T̃) / C. */
  readonly divergences: Float32Array
}

/** What a teacher T and a shuffled ensemble T̃ of it say of images. */
export async function compareShuffled(
  teacher: Model,
  ensemble: ShuffledEnsemble,
  images: Images,
): Promise<Compared> {
  const [own, shuffled] = [new Int32Array(images.count), new Int32Array(images.count)]
  const divergences = new Float32Array(images.count)
  let done = 0
  for (const indices of batches(images.count, imagesAtOnce(images, BATCH))) {
    const [t, u, d] = tf.tidy(() => {
      const x = toTensor(images, indices)
      const mine = teacher.logits(x)
      const theirs = ensemble.logits(normalise(x, teacher.normalisation))
      const classOf = (logits: tf.Tensor2D): tf.Tensor1D => tf.argMax(logits, 1)
      return [classOf(mine), classOf(theirs), shuffleDivergence(mine, theirs)] as [
        tf.Tensor1D,
        tf.Tensor1D,
        tf.Tensor1D,
      ]
    })
    own.set(await t.data<'int32'>(), done)
    shuffled.set(await u.data<'int32'>(), done)
    divergences.set(await d.data<'float32'>(), done)
    tf.dispose([t, u, d])
    done += indices.length
    await nextTurn()
  }
  return {own, shuffled, divergences}
}
