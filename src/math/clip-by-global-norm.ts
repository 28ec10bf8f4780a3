import * as tf from '@tensorflow/tfjs-core'
import type {Tensor} from '@tensorflow/tfjs-core'
import {flatten, unflatten} from './flat.ts'

/** All gradients times min(1, limit / (‖g‖ + 1e-6)), with the norm over all of them: PyTorch's clip_grad_norm_. */
export function clipByGlobalNorm(gradients: readonly Tensor[], limit: number): Tensor[] {
  const all = flatten(gradients)
  const norm = tf.sqrt(tf.sum(tf.square(all)))
  const scale = tf.minimum(1, tf.div(limit, tf.add(norm, 1e-6)))
  return unflatten(tf.mul(all, scale), gradients)
}
