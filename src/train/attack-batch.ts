import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor4D} from '@tensorflow/tfjs-core'
import type {Random} from '../engine/random.ts'
import {lossAndGradients} from '../math/loss-and-gradients.ts'

/** α / ε of the paper's best setting: a step that goes a little beyond the radius, and is cut off there. */
const STRIDE = 1.25

/** δ₀ ~ U(−ε, ε) for images of this shape; `radius` is ε, of images in [0, 1]. The caller tidies. */
export const randomStart = (shape: Tensor4D['shape'], radius: number, random: Random): Tensor4D =>
  random.uniformTensor(shape, -radius, radius)

/**
 * Images made harder by one signed step from a random start ("FGSM + random initialization", Wong, Rice and Kolter, Fast is better than
 * free, ICLR 2020, algorithm 3):
 *   δ = clip(δ₀ + α · sign ∇ loss(x + δ₀), −ε, ε) with α = 1.25 ε;  the result is clip(x + δ, 0, 1).
 * As in the authors' code x + δ₀ is within [0, 1], too. `x`: [N, H, W, C] in [0, 1], `start`: δ₀ of the same shape, `radius`: ε
 * of images in [0, 1]. The caller tidies.
 */
export function attackBatch(
  lossOf: (x: Tensor4D) => Scalar,
  {x, start, radius}: {readonly x: Tensor4D; readonly start: Tensor4D; readonly radius: number},
): Tensor4D {
  const from = tf.clipByValue<Tensor4D>(tf.add(x, start), 0, 1)
  const {gradients} = lossAndGradients([from], () => lossOf(from))
  const moved = tf.add(tf.sub(from, x), tf.mul(tf.sign(gradients[0]!), STRIDE * radius))
  return tf.clipByValue(tf.add(x, tf.clipByValue(moved, -radius, radius)), 0, 1)
}
