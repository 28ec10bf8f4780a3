import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor4D} from '@tensorflow/tfjs-core'
import {clipByGlobalNorm} from '../math/clip-by-global-norm.ts'
import {lossAndGradients} from '../math/loss-and-gradients.ts'
import type {Optimiser} from '../math/optimiser.ts'
import type {Correction} from '../method.ts'
import {applyMoments, applyMomentsInTurn} from '../nn/apply-moments.ts'
import type {Forward} from '../nn/architecture.ts'
import type {Network} from '../nn/model.ts'

/** What learns, and how fast. */
export interface Learner {
  readonly network: Network
  /** Of the network's trainable variables, in their order. */
  readonly optimiser: Optimiser
  readonly learningRate: number
  /** The largest norm of all gradients together; larger ones are scaled down to it. */
  readonly clip?: number
  /** What a defence adds to the step. */
  readonly correction?: Correction | undefined
}

/**
 * One step down a loss of the network's training-mode forward pass on `x` (normalised): gradients, optimiser, and then
 * the running statistics of that same pass. The caller tidies.
 */
export function descend(
  {network, optimiser, learningRate, clip, correction}: Learner,
  x: Tensor4D,
  lossOf: (forward: Forward) => Scalar,
): Scalar {
  if (correction) applyMomentsInTurn(network, correction.moments)
  const {loss, gradients, extra} = lossAndGradients(network.trainable, () => {
    const forward = network.architecture.forward(network.parameters, x, 'train')
    return {loss: lossOf(forward), extra: forward.moments}
  })
  const sum = correction ? gradients.map((g, i) => tf.add(g, correction.gradients[i]!)) : gradients
  const clips = clip !== undefined && correction?.clipped !== false
  optimiser.step(clips ? clipByGlobalNorm(sum, clip) : sum, learningRate)
  applyMoments(network, extra)
  return loss
}
