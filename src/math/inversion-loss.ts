import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor, Tensor1D, Tensor4D} from '@tensorflow/tfjs-core'

export interface RunningStatistics {
  readonly mean: Tensor1D
  readonly variance: Tensor1D
}

/**
 * How far the input of one BatchNorm is from what it was trained on (DeepInversion, Yin et al., 2020):
 *   ‖σ² - var(x)‖₂ + ‖μ - mean(x)‖₂   over channels, var of the batch, biased
 *
 * @param x [B, H, W, C]
 */
export function inversionLoss(x: Tensor4D, {mean, variance}: RunningStatistics): Scalar {
  const own = tf.moments(x, [0, 1, 2])
  const apart = (a: Tensor, b: Tensor): Scalar => tf.sqrt(tf.sum(tf.square(tf.sub(a, b))))
  return tf.add(apart(variance, own.variance), apart(mean, own.mean))
}
