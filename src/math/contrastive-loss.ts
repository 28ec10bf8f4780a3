import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor1D, Tensor2D} from '@tensorflow/tfjs-core'

/**
 * CMI's contrast (Fang et al., 2021): each image is to be told from all others by its two views. With rows of length 1,
 *   logits = L Gᵀ / temperature,   cross-entropy of row i with label i
 * and the mean over the `current` first rows, which are synthesised now, plus the mean over the others, from memory.
 *
 * @param local L, [M, D]
 * @param global G, [M, D]; the caller stops its gradient
 */
export function contrastiveLoss(
  local: Tensor2D,
  global: Tensor2D,
  {temperature, current}: {readonly temperature: number; readonly current: number},
): Scalar {
  const logits = tf.div(tf.matMul(local, global, false, true), temperature)
  const own = tf.div(tf.sum(tf.mul(local, global), 1), temperature)
  const rows: Tensor1D = tf.sub(tf.logSumExp(logits, 1), own)
  const [count] = rows.shape
  const now: Scalar = tf.mean(tf.slice(rows, 0, current))
  return count === current ? now : tf.add(now, tf.mean(tf.slice(rows, current, count - current)))
}
