import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor, Tensor1D, Tensor2D} from '@tensorflow/tfjs-core'
import {klElements} from './kl.ts'

/*
 * The quantities of the Shuffling Vaccine (Hong et al., ICML 2023). t are the teacher's logits, u those of the shuffled
 * ensemble (their mean over copies), both [N, C]. A backdoor survives shuffling where knowledge of the task does not:
 * samples on which both still agree are suspicious.
 */

/** m: 1 where teacher and ensemble agree on the class, else 0; a constant, no gradient flows through it. [N] */
export const agreement = (t: Tensor2D, u: Tensor2D): Tensor1D => agreementOf(t, u) as Tensor1D

const agreementOf = tf.customGrad((t, u) => ({
  value: tf.cast(tf.equal(tf.argMax(t as Tensor, 1), tf.argMax(u as Tensor, 1)), 'float32'),
  // Of the shapes alone: the tensors may be gone by now.
  gradFunc: () => [tf.zeros((t as Tensor).shape), tf.zeros((u as Tensor).shape)],
}))

/** d: KL(t ‖ u) a sample at temperature 1, divided by C as the reference implementation has it. [N] */
export const shuffleDivergence = (t: Tensor2D, u: Tensor2D): Tensor1D => tf.mean(klElements(u, t), 1)

/**
 * R(x) = -coefficient · Σ m d / Σ m, or 0 where none agrees: added to the loss of what synthesises x, it pushes x to
 * where the ensemble disagrees with the teacher.
 */
export function vaccineLoss(t: Tensor2D, u: Tensor2D, coefficient: number): Scalar {
  const mask = agreement(t, u)
  return tf.mul(weightedMean(shuffleDivergence(t, u), mask), -coefficient)
}

/**
 * Where images are given and not synthesised: plain distillation on the rows with mask 0, and with the weight
 * `coefficient` *ascent* on the suspicious ones (mask 1). A part without rows counts 0, where the reference
 * implementation's loss becomes NaN as soon as every row is suspicious.
 *
 * @param elements summands of the distillation loss [N, C]
 * @param mask [N]
 */
export function suspectLoss(elements: Tensor2D, mask: Tensor1D, coefficient: Scalar | number): Scalar {
  const rows: Tensor1D = tf.mean(elements, 1)
  const kept = weightedMean(rows, tf.sub(1, mask))
  return tf.sub(kept, tf.mul(weightedMean(rows, mask), coefficient))
}

/** Of zeros and ones: the mean of the values with a one, 0 where there is none. */
const weightedMean = (values: Tensor1D, weights: Tensor1D): Scalar =>
  tf.div(tf.sum(tf.mul(values, weights)), tf.maximum(tf.sum(weights), 1))

export interface ShuffleTail {
  /** Of log10 d, and its population standard deviation. */
  readonly mean: number
  readonly standardDeviation: number
  /** How many lie more than three standard deviations below the mean, and their share (0 to 1). */
  readonly count: number
  readonly ratio: number
  /** Is the share above 0.02? Then the ensemble has found something to suspect. */
  readonly found: boolean
}

/**
 * The test of a shuffled ensemble: a heavy tail of samples on which it hardly diverges from the teacher. d is clamped
 * at 1e-12, where the reference implementation takes the logarithm of 0 and then always fails.
 */
export function shuffleTail(divergences: ArrayLike<number>): ShuffleTail {
  const logs = Array.from(divergences, (d) => Math.log10(Math.max(d, 1e-12)))
  const mean = average(logs)
  const standardDeviation = Math.sqrt(average(logs.map((value) => (value - mean) ** 2)))
  const count = logs.filter((value) => value < mean - 3 * standardDeviation).length
  const ratio = count / logs.length
  return {mean, standardDeviation, count, ratio, found: ratio > 0.02}
}

const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
