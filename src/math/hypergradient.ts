import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor, Variable} from '@tensorflow/tfjs-core'
import {lossAndGradients} from './loss-and-gradients.ts'
import type {Tensors} from '../tensors.ts'
import type {Outcome} from './loss-and-gradients.ts'

export interface Bilevel<D extends Tensor, E extends Tensors> {
  /** δ, a constant here: what the inner problem has found. */
  readonly delta: D
  /** θ. */
  readonly variables: readonly Variable[]
  /** L_in(δ, θ), twice differentiable. */
  inner(delta: D): Outcome<E>
  /** L_out(δ, θ). */
  outer(delta: D): Outcome<E>
}

export interface HypergradientOptions {
  /** η of Φ(δ, θ) = δ - η ∂L_in/∂δ, whose fixed point δ is taken to be. */
  readonly rate?: number
  /** Terms of the truncated Neumann series. */
  readonly iterations?: number
  /** Without it H counts as 0: v = `iterations` · ∂L_out/∂δ, and no product with H is computed. */
  readonly curvature?: boolean
}

/**
 * dL_out/dθ where δ follows θ as the fixed point of Φ(δ, θ) = δ - η ∂L_in/∂δ (Grazzi et al., 2020; the hypergradient of
 * Self-Retrospection in Hong et al., ICML 2023, section 4.2):
 *   v ← v - η H v + ∂L_out/∂δ,   H = ∂²L_in/∂δ²,   from v = 0, `iterations` times
 *   h = ∂L_out/∂θ - η ∂/∂θ ⟨∂L_in/∂δ, v⟩
 * Second derivatives are exact. The first product, with v = 0, is not computed, and there is no early stop, which would
 * have to read v back (the reference implementation stops below a change of 1e-10).
 * Everything returned is the caller's to tidy.
 *
 * @returns L_out, h in the order of the variables, and what one evaluation of each of the two losses left as `extra`
 */
export function hypergradient<D extends Tensor, E extends Tensors>(
  {delta, variables, inner, outer}: Bilevel<D, E>,
  {rate = 0.1, iterations = 5, curvature = true}: HypergradientOptions = {},
): {
  readonly loss: Scalar
  readonly gradients: Tensor[]
  readonly extra: {readonly outer: E; readonly inner: E}
} {
  const {loss, gradients, extra} = lossAndGradients([delta, ...variables], () => outer(delta))
  const [byDelta, ...direct] = gradients as [D, ...Tensor[]]
  /** ⟨∂L_in/∂δ, v⟩ */
  const slope = (at: D, v: D): Outcome<E> => {
    const first = lossAndGradients([at], () => inner(at))
    return {loss: tf.sum(tf.mul(first.gradients[0]!, v)), extra: first.extra}
  }

  let v: D = curvature ? byDelta : tf.mul(byDelta, iterations)
  for (let i = 1; curvature && i < iterations; i++) {
    const along = v
    const product = lossAndGradients([delta], () => slope(delta, along).loss)
    v = tf.add(tf.sub(v, tf.mul(product.gradients[0]!, rate)), byDelta)
  }
  const indirect = lossAndGradients(variables, () => slope(delta, v))
  return {
    loss,
    gradients: direct.map((g, i) => tf.sub(g, tf.mul(indirect.gradients[i]!, rate))),
    extra: {outer: extra, inner: indirect.extra},
  }
}
