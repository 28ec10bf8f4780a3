import type {Images} from '@abd/core/data'
import {shuffleDivergence} from '@abd/core/math'
import type {Model, ShuffledEnsemble} from '@abd/core/nn'
import {inBatches, normalise} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'

/** Images in one pass, of small ones. */
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
  const work = (x: tf.Tensor4D) => {
    const mine = teacher.logits(x)
    const theirs = ensemble.logits(normalise(x, teacher.normalisation))
    return {
      own: tf.argMax(mine, 1),
      shuffled: tf.argMax(theirs, 1),
      divergences: shuffleDivergence(mine, theirs),
    }
  }
  for await (const {indices, values} of inBatches(images, work, {most: BATCH})) {
    own.set(values.own, indices[0])
    shuffled.set(values.shuffled, indices[0])
    divergences.set(values.divergences, indices[0])
  }
  return {own, shuffled, divergences}
}
