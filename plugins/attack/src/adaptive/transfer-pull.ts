import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import {crossEntropy, lossAndGradients} from '@abd/core/math'
import type {Network} from '@abd/core/nn'

/** The finite difference's step along a direction of norm 1. */
const STEP = 0.01

/**
 * What a teacher has to say of clean images for a student to learn the trigger. A student φ takes one step on
 * KL(p ‖ softmax(S_φ(x))) with the teacher's p; by first order that changes its loss on triggered images, L(φ), by
 *   -η ⟨∇KL, ∇L⟩ = η Σ_c p_c ⟨∇ log q_c(x), ∇L⟩
 * which is linear in p: the teacher lowers L by giving weight to classes whose log q falls along v = ∇L / ‖∇L‖. This is
 * that slope d_c = d log q_c(x) / dv, by a finite difference, a constant for the teacher. Both passes are in eval mode.
 * SCAR differentiates through many steps of several students instead.
 *
 * @param x clean, normalised [N, H, W, C]
 * @param triggered normalised
 * @returns [N, classes]; the caller tidies
 */
export function transferPull(
  {architecture, parameters, trainable}: Network,
  {x, triggered, target}: {readonly x: Tensor4D; readonly triggered: Tensor4D; readonly target: number},
): Tensor2D {
  const logQ = (weights: ReadonlyMap<string, Tensor>) =>
    tf.logSoftmax(architecture.forward(weights, x, 'eval').logits)
  const towards = tf.fill<tf.Rank.R1>([triggered.shape[0]], target, 'int32')
  const {gradients} = lossAndGradients(trainable, () =>
    crossEntropy(architecture.forward(parameters, triggered, 'eval').logits, towards),
  )
  const norm = tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))))
  const scale = tf.div(STEP, tf.add(norm, 1e-12))
  const moved = new Map<string, Tensor>(parameters)
  const names = new Map([...parameters].map(([name, variable]) => [variable, name]))
  trainable.forEach((variable, i) =>
    moved.set(names.get(variable)!, tf.add(variable, tf.mul(gradients[i]!, scale))),
  )
  return tf.div(tf.sub(logQ(moved), logQ(parameters)), STEP)
}

/** Σ_c p_c d_c, the mean over images: less is a stronger pull. Gradients flow into the logits. */
export const pullLoss = (logits: Tensor2D, slope: Tensor2D, temperature: number): Scalar =>
  tf.mean<Scalar>(tf.sum<Tensor1D>(tf.mul(tf.softmax(tf.div<Tensor2D>(logits, temperature)), slope), 1))
