import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor1D, Tensor2D} from '@tensorflow/tfjs-core'
import {logSoftmax} from './log-softmax.ts'

/**
 * The mean over the batch of -ln softmax(logits)[label].
 *
 * @param logits [N, C]
 * @param labels [N], int32, 0 … C-1
 */
export function crossEntropy(logits: Tensor2D, labels: Tensor1D): Scalar {
  const [batch, classes] = logits.shape
  return tf.div(tf.sum(tf.mul(logSoftmax(logits), tf.oneHot(labels, classes, -1, 0))), batch)
}
