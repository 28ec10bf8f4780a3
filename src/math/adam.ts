import * as tf from '@tensorflow/tfjs-core'
import type {Tensor1D, Variable} from '@tensorflow/tfjs-core'
import {flatten, sizeOf, unflatten} from './flat.ts'
import {inHalves} from './optimiser.ts'
import type {Optimiser} from './optimiser.ts'

export interface AdamOptions {
  readonly beta1?: number
  readonly beta2?: number
  readonly epsilon?: number
  /** Added to the gradient as weightDecay · w, as PyTorch's Adam does. */
  readonly weightDecay?: number
}

/**
 * Adam (Kingma and Ba, 2015) in PyTorch's form, ε outside the corrected root:
 *   m ← β₁ m + (1 - β₁) g,   v ← β₂ v + (1 - β₂) g²,   w ← w - η / (1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + ε)
 */
export function adam(
  variables: readonly Variable[],
  {beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0}: AdamOptions = {},
): Optimiser {
  const zeros = () => tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([sizeOf(variables)]), false))
  const [first, second] = [zeros(), zeros()]
  const state = {steps: 0, averages: [first, second]}

  return {
    state,
    ...inHalves({
      next(learningRate) {
        state.steps++
        // Both corrections moved out of the vectors: √(1 - β₂ᵗ) into the rate and ε.
        const root = Math.sqrt(1 - beta2 ** state.steps)
        return [(learningRate * root) / (1 - beta1 ** state.steps), epsilon * root]
      },
      change(gradients, [rate, smallest]) {
        tf.tidy(() => {
          const given = flatten(gradients)
          const g: Tensor1D =
            weightDecay === 0 ? given : tf.add(given, tf.mul(flatten(variables), weightDecay))
          const m: Tensor1D = tf.add(tf.mul(first, beta1), tf.mul(g, 1 - beta1))
          const v: Tensor1D = tf.add(tf.mul(second, beta2), tf.mul(tf.square(g), 1 - beta2))
          first.assign(m)
          second.assign(v)
          const change = tf.mul(tf.div(m, tf.add(tf.sqrt(v), smallest!)), rate!)
          const values = unflatten(tf.sub(flatten(variables), change), variables)
          variables.forEach((variable, index) => variable.assign(values[index] as tf.Tensor))
        })
      },
    }),
    [Symbol.dispose]: () => tf.dispose(state.averages),
  }
}
