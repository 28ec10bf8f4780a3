import * as tf from '@tensorflow/tfjs-core'
import type {Tensor1D, Variable} from '@tensorflow/tfjs-core'
import {flatten, sizeOf, unflatten} from './flat.ts'
import {inHalves} from './optimiser.ts'
import type {Optimiser} from './optimiser.ts'

export interface SgdOptions {
  readonly momentum?: number
  /** Added to the gradient as weightDecay · w. */
  readonly weightDecay?: number
}

/**
 * Stochastic gradient descent with momentum in PyTorch's form, no damping, no Nesterov:
 *   b ← μ b + (g + λ w),   w ← w - η b
 */
export function sgd(
  variables: readonly Variable[],
  {momentum = 0, weightDecay = 0}: SgdOptions = {},
): Optimiser {
  const velocity = tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([sizeOf(variables)]), false))
  const state = {steps: 0, averages: [velocity]}

  return {
    state,
    ...inHalves({
      next(learningRate) {
        state.steps++
        return [learningRate]
      },
      change(gradients, [rate]) {
        tf.tidy(() => {
          const w = flatten(variables)
          const g: Tensor1D = tf.add(flatten(gradients), tf.mul(w, weightDecay))
          velocity.assign(tf.add(tf.mul(velocity, momentum), g))
          const values = unflatten(tf.sub(w, tf.mul(velocity, rate!)), variables)
          variables.forEach((variable, index) => variable.assign(values[index] as tf.Tensor))
        })
      },
    }),
    [Symbol.dispose]: () => velocity.dispose(),
  }
}
