import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor2D} from '@tensorflow/tfjs-core'
import {exp, logSoftmax} from './log-softmax.ts'

/**
 * The summands of KL(target ‖ student) at a temperature T, p (ln p - ln q) with p = softmax(target / T) and
 * q = softmax(student / T). Where p vanishes so does the summand. Gradients flow into both.
 *
 * @param student logits [N, C]
 * @param target logits [N, C]
 * @returns [N, C]
 */
export function klElements(student: Tensor2D, target: Tensor2D, temperature = 1): Tensor2D {
  const scaled = (logits: Tensor2D) => (temperature === 1 ? logits : tf.div<Tensor2D>(logits, temperature))
  const logP = logSoftmax(scaled(target))
  const logQ = logSoftmax(scaled(student))
  return tf.mul(exp(logP), tf.sub(logP, logQ))
}

/**
 * The mean over N·C, without T²: PyTorch's reduction 'mean', by which ZSKT, OOD distillation and the Shuffling Vaccine
 * of the reference implementation are tuned. It is 1 / C of the usual mean over the batch.
 */
export const klMean = (student: Tensor2D, target: Tensor2D, temperature = 1): Scalar =>
  tf.mean(klElements(student, target, temperature))

/** T² times the mean over the batch: distillation as Hinton et al. (2015) weigh it; CMI uses it. */
export const klBatch = (student: Tensor2D, target: Tensor2D, temperature = 1): Scalar =>
  tf.mul(tf.mean(klElements(student, target, temperature)), temperature * temperature * student.shape[1])
