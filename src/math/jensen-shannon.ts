import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor2D} from '@tensorflow/tfjs-core'
import {exp, logSoftmax} from './log-softmax.ts'

const LEAST = 0.01

/**
 * How far a student is from its teacher, as DeepInversion's competition has it (Yin et al., 2020, eq. for R_compete):
 *   (1/N) Σ ½ KL(m ‖ p) + ½ KL(m ‖ q),   p, q = softmax(logits / T),   m = ½ (p + q)
 * each of p, q and m clamped to 0.01 … 0.99. The mean comes first in both, as in the authors' code and the reference
 * implementation; the Jensen-Shannon divergence of the paper has it second. Of what is clamped no gradient flows.
 *
 * @param student logits [N, C]
 * @param teacher logits [N, C]
 */
export function jensenShannon(student: Tensor2D, teacher: Tensor2D, temperature = 1): Scalar {
  const shares = (logits: Tensor2D) => exp(logSoftmax(tf.div<Tensor2D>(logits, temperature)))
  const clamped = (x: Tensor2D) => tf.clipByValue(x, LEAST, 1 - LEAST)
  const [p, q] = [shares(student), shares(teacher)]
  const m = clamped(tf.mul<Tensor2D>(tf.add(p, q), 0.5))
  const logOf = (x: Tensor2D): Tensor2D => tf.log(clamped(x))
  const logM = tf.log(m)
  const rest: Tensor2D = tf.sub(logM, tf.mul(tf.add(logOf(p), logOf(q)), 0.5))
  return tf.div(tf.sum(tf.mul(m, rest)), student.shape[0])
}
