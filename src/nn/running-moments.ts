import * as tf from '@tensorflow/tfjs-core'
import type {Tensor, Tensor1D} from '@tensorflow/tfjs-core'
import type {Parameters} from './architecture.ts'
import {parameterOf} from './parameter-of.ts'

/** One BatchNorm layer's statistics over a batch, `count` values a channel; `variance` is the biased one. */
export interface BatchMoments {
  readonly layer: string
  readonly mean: Tensor1D
  readonly variance: Tensor1D
  readonly count: number
}

/** PyTorch's: how much of a running statistic one batch replaces. */
export const MOMENTUM = 0.1

/**
 * New running statistics of all layers, by parameter name: r ← 0.9 r + 0.1 μ, with the unbiased variance as PyTorch
 * has it. All layers at once on one vector: a layer at a time is six kernels each, and dispatch is what they cost.
 */
export function runningMoments(parameters: Parameters, layers: readonly BatchMoments[]): Map<string, Tensor> {
  if (layers.length === 0) return new Map()
  const names = layers.flatMap(({layer}) => [`${layer}.running_mean`, `${layer}.running_var`])
  const sizes = layers.flatMap(({mean}) => [mean.size, mean.size])
  const weights = layers.flatMap(({mean, count}) => [
    ...Array<number>(mean.size).fill(MOMENTUM),
    ...Array<number>(mean.size).fill((MOMENTUM * count) / Math.max(1, count - 1)),
  ])

  const batch = tf.concat1d(layers.flatMap(({mean, variance}) => [mean, variance]))
  const running = tf.concat1d(names.map((name) => parameterOf<Tensor1D>(parameters, name)))
  const updated = tf.add(tf.mul(running, 1 - MOMENTUM), tf.mul(batch, tf.tensor1d(weights)))
  const pieces = tf.split(updated, sizes)
  return new Map(names.map((name, index) => [name, pieces[index] as Tensor]))
}
