import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'

/**
 * The pooling of ImageNet stems: the largest of every three by three at stride 2, with one row and column of padding. Zeros
 * pad as well as minus infinity does, because it follows a ReLU.
 */
export const stemPool = (x: Tensor4D): Tensor4D =>
  tf.maxPool(
    tf.pad(x, [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ]),
    3,
    2,
    'valid',
  )
