import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor1D, Tensor2D} from '@tensorflow/tfjs-core'
import {crossEntropy} from './cross-entropy.ts'
import {logSoftmax} from './log-softmax.ts'

/**
 * Cross-entropy with a label that gives the share ε to all classes alike and the rest to the true one (Szegedy et al., CVPR
 * 2016, section 7): (1 − ε) · CE(labels) + ε · mean over classes of -ln softmax(logits).
 *
 * @param logits [N, C]
 * @param labels [N], int32, 0 … C-1
 */
export function smoothedCrossEntropy(logits: Tensor2D, labels: Tensor1D, epsilon: number): Scalar {
  const hard = crossEntropy(logits, labels)
  if (epsilon === 0) return hard
  const even = tf.neg(tf.mean(logSoftmax(logits)))
  return tf.add(tf.mul(hard, 1 - epsilon), tf.mul(even, epsilon))
}
