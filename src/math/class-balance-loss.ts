import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor1D, Tensor2D} from '@tensorflow/tfjs-core'
import {exp, logSoftmax} from './log-softmax.ts'

/** Of a probability, so that its logarithm and the slope of that are finite. */
const LEAST = 1e-30

/**
 * DAFL's information entropy loss (Chen et al., 2019, L_ie; DFQ's batch categorical entropy, Choi et al., 2020): Σ p̄ ln p̄
 * over the classes, p̄ the mean over the batch of softmax(logits). Between -ln C, all classes alike, and 0, but one.
 * A class that nothing falls on counts 0, where the reference implementation has NaN. DAFL's paper divides by C.
 *
 * @param logits [N, C]
 */
export function classBalanceLoss(logits: Tensor2D): Scalar {
  const shares: Tensor1D = tf.mean(exp(logSoftmax(logits)), 0)
  return tf.sum(tf.mul(shares, tf.log(tf.maximum(shares, LEAST))))
}
