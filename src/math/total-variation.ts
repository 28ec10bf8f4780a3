import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor4D} from '@tensorflow/tfjs-core'
import {absolute} from './absolute.ts'

/**
 * How rough images are (DeepInversion, Yin et al., 2020, R_TV): the mean of |x - its neighbour|, for the neighbours to the
 * right, below, below to the left and below to the right, the four added up. The paper takes Euclidean norms, the code
 * around CMI these means.
 *
 * @param x [B, H, W, C], 2 x 2 at least
 */
export function totalVariation(x: Tensor4D): Scalar {
  const [batch, height, width, channels] = x.shape
  const [h, w] = [height - 1, width - 1]
  const part = (top: number, left: number, rows: number, columns: number): Tensor4D =>
    tf.slice(x, [0, top, left, 0], [batch, rows, columns, channels])
  const apart = (a: Tensor4D, b: Tensor4D): Scalar => tf.mean(absolute(tf.sub<Tensor4D>(a, b)))
  return tf.addN([
    apart(part(0, 0, height, w), part(0, 1, height, w)),
    apart(part(0, 0, h, width), part(1, 0, h, width)),
    apart(part(1, 0, h, w), part(0, 1, h, w)),
    apart(part(0, 0, h, w), part(1, 1, h, w)),
  ])
}
