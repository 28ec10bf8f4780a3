import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'

/**
 * A convolution, with a padding of 1, of an image of which each pixel was written twice both ways (nearest neighbours), without
 * making that image: a transposed convolution of stride 2 whose filter has, along each axis, the sums of neighbouring weights. Of
 * three rows of the larger image two are the same row of `x`, so it takes four ninths of the products. Differs from the two
 * steps one after the other by rounding; differentiable any number of times.
 *
 * @param x [B, H, W, C]
 * @param filter [3, 3, C, D]
 * @returns [B, 2·H, 2·W, D]
 */
export function upsampledConvolution(x: Tensor4D, filter: Tensor4D): Tensor4D {
  const [batch, height, width] = x.shape
  const spread = tf.transpose(spreadAlong(1, spreadAlong(0, filter)), [0, 1, 3, 2]) // [4,4,D,C]
  return tf.conv2dTranspose(x, spread, [batch, 2 * height, 2 * width, filter.shape[3]], 2, 'same')
}

/** What a pixel that was written twice adds to the four places around: w₃, w₂ + w₃, w₁ + w₂, w₁. */
function spreadAlong(axis: 0 | 1, filter: Tensor4D): Tensor4D {
  const [first, second, third] = tf.split(filter, 3, axis) as [Tensor4D, Tensor4D, Tensor4D]
  return tf.concat([third, tf.add(second, third), tf.add(first, second), first], axis)
}
