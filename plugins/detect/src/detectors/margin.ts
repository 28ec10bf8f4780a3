import type {Model} from '@abd/core/nn'
import * as tf from '@tensorflow/tfjs-core'

/** f_c − max_{k≠c} f_k for each row's own class c: [B]. `x`: [B, H, W, C] in [0, 1]; `oneHot`: [B, classes]. */
export function margin(model: Model, x: tf.Tensor4D, oneHot: tf.Tensor2D): tf.Tensor1D {
  const logits = model.logits(x)
  const own = tf.sum(tf.mul(logits, oneHot), 1)
  const others = tf.max(tf.sub(logits, tf.mul(oneHot, 1e9)), 1)
  return tf.sub(own, others)
}
