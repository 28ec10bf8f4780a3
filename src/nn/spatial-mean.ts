import * as tf from '@tensorflow/tfjs-core'
import type {Tensor, Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'

/** The mean over the image, [B, H, W, C] to [B, C]; its gradient is one kernel, where tfjs' own is three. */
export const spatialMean = (x: Tensor4D): Tensor2D => mean(x) as Tensor2D

const mean = tf.customGrad((input) => {
  const x = input as Tensor4D
  const [batch, height, width, channels] = x.shape
  return {
    value: tf.mean(x, [1, 2]),
    gradFunc: (dy: Tensor) =>
      tf.mul(tf.reshape(dy, [batch, 1, 1, channels]), tf.fill([1, height, width, 1], 1 / (height * width))),
  }
})
