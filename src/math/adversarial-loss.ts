import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor1D, Tensor2D} from '@tensorflow/tfjs-core'
import {klElements} from './kl.ts'
import {agreement} from './shuffling-vaccine.ts'

/**
 * What CMI (Fang et al., 2021) adds for images that a student is to learn from: -(1/N) Σ m KL(teacher ‖ student), where
 * m is 1 for rows of whose class both agree, else 0. Disagreement is sought only where there is none yet.
 *
 * @param student logits [N, C]
 * @param teacher logits [N, C]
 */
export function adversarialLoss(student: Tensor2D, teacher: Tensor2D): Scalar {
  const rows: Tensor1D = tf.sum(klElements(student, teacher), 1)
  return tf.neg(tf.mean(tf.mul(rows, agreement(teacher, student))))
}
