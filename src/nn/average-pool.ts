import * as tf from '@tensorflow/tfjs-core'
import type {Tensor, Tensor4D} from '@tensorflow/tfjs-core'

/**
 * The mean of every two by two, [B, H, W, C] to [B, ⌊H / 2⌋, ⌊W / 2⌋, C]; differentiable any number of times, where tfjs'
 * own is once.
 */
export const averagePool = (x: Tensor4D): Tensor4D => pooled(x) as Tensor4D

const pooled: (x: Tensor) => Tensor = tf.customGrad((input) => {
  const x = input as Tensor4D
  const [batch, height, width, channels] = x.shape
  return {
    value: tf.avgPool(x, 2, 2, 'valid'),
    gradFunc: (dy: Tensor) => {
      const [, h, w] = dy.shape as Tensor4D['shape']
      const wide = tf.tile(tf.reshape(dy, [batch * h, 1, w, 1, channels]), [1, 2, 1, 2, 1])
      return tf.pad(tf.reshape(tf.div(wide, 4), [batch, 2 * h, 2 * w, channels]), [
        [0, 0],
        [0, height - 2 * h],
        [0, width - 2 * w],
        [0, 0],
      ])
    },
  }
})
