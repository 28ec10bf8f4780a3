import {steady} from '../engine/index.ts'
import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor, Tensor4D} from '@tensorflow/tfjs-core'
import {clipByGlobalNorm} from '../math/clip-by-global-norm.ts'
import {lossAndGradients} from '../math/loss-and-gradients.ts'
import {scalars} from '../math/optimiser.ts'
import type {Optimiser} from '../math/optimiser.ts'
import type {Correction} from '../method.ts'
import {applyMoments, applyMomentsInTurn} from '../nn/apply-moments.ts'
import type {Forward} from '../nn/architecture.ts'
import type {Network} from '../nn/model.ts'
import type {Tensors} from '../tensors.ts'

/** What learns. */
export interface Learner {
  readonly network: Network
  /** Of the network's trainable variables, in their order. */
  readonly optimiser: Optimiser
  /** The largest norm of all gradients together; larger ones are scaled down to it. */
  readonly clip?: number
}

/** How one step is taken. */
export interface Pace {
  readonly learningRate: number
  /** What a defence adds to the step. */
  readonly correction?: Correction | undefined
}

/** One step down, on `x` (normalised) and what else the loss is of; it gives the loss. The caller tidies. */
export type Descent<G extends Tensors> = (x: Tensor4D, given: G, pace: Pace) => Scalar

/**
 * Steps down one loss of the network's training-mode forward pass: gradients, optimiser, and then the running statistics
 * of that same pass. They are steady: what differs from step to step `lossOf` has to take from `given`.
 */
export function createDescent<G extends Tensors>(
  learner: Learner,
  lossOf: (forward: Forward, given: G) => Scalar,
): Descent<G> {
  const workOf = (clips: boolean) =>
    steady((step: StepGiven<G>) =>
      change(learner, step, {clips, lossOf: (forward) => lossOf(forward, step.given)}),
    )
  const clipped = workOf(true)
  const unclipped = workOf(false)
  return (x, given, pace) => {
    const work = clips(learner, pace) ? clipped : unclipped
    return work(prepare(learner, x, given, pace))
  }
}

/** One such step down a loss that may be another each time. */
export function descend(
  {learningRate, correction, ...learner}: Learner & Pace,
  x: Tensor4D,
  lossOf: (forward: Forward) => Scalar,
): Scalar {
  const pace = {learningRate, correction}
  return change(learner, prepare(learner, x, [], pace), {clips: clips(learner, pace), lossOf})
}

/** All that a step is made of beside the variables. */
interface StepGiven<G extends Tensors> {
  readonly [name: string]: Tensors
  readonly x: Tensor4D
  readonly given: G
  /** Added to the gradients. */
  readonly corrections: readonly Tensor[]
  /** The optimiser's. */
  readonly numbers: readonly Scalar[]
}

const clips = ({clip}: Learner, {correction}: Pace) => clip !== undefined && correction?.clipped !== false

function prepare<G extends Tensors>(
  {network, optimiser}: Learner,
  x: Tensor4D,
  given: G,
  {learningRate, correction}: Pace,
): StepGiven<G> {
  if (correction) applyMomentsInTurn(network, correction.moments)
  const numbers = scalars(optimiser.next(learningRate))
  return {x, given, corrections: correction?.gradients ?? [], numbers}
}

function change(
  {network, optimiser, clip}: Learner,
  {x, corrections, numbers}: StepGiven<Tensors>,
  {clips, lossOf}: {readonly clips: boolean; lossOf(forward: Forward): Scalar},
): Scalar {
  const {loss, gradients, extra} = lossAndGradients(network.trainable, () => {
    const forward = network.architecture.forward(network.parameters, x, 'train')
    return {loss: lossOf(forward), extra: forward.moments}
  })
  const sum = corrections.length > 0 ? gradients.map((g, i) => tf.add(g, corrections[i]!)) : gradients
  optimiser.change(clips ? clipByGlobalNorm(sum, clip!) : sum, numbers)
  applyMoments(network, extra)
  return loss
}
