import {inversionLoss} from '@abd/core/math'
import type {RunningStatistics} from '@abd/core/math'
import type {Network} from '@abd/core/nn'
import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor1D, Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'

/** What a teacher, in eval mode, makes of a batch, and what its BatchNorms were given on the way. */
export interface Look {
  readonly logits: Tensor2D // [B, classes]
  /** The last layer's input. */
  readonly features: Tensor2D // [B, F]
  /** Σ over the BatchNorms of how far their inputs are from what they were trained on (`inversionLoss`). */
  inversion(): Scalar
  /** The means over each BatchNorm's input, one after the other: what CMI tells images apart by. [B, Σ channels] */
  means(): Tensor2D
}

/** Whether `inversion` and `means` are going to be asked for; what is not wanted is not computed, and throws. */
export interface Wanted {
  readonly inversion?: boolean
  readonly means?: boolean
}

/**
 * Runs a teacher on normalised images, [B, H, W, C], and watches its BatchNorms where that is wanted. Their inputs are
 * looked at while they pass, so that the way back of a gradient can let go of them one after the other.
 */
export function createLook({architecture, parameters}: Network, wanted: Wanted): (x: Tensor4D) => Look {
  const statistics = statisticsOf(parameters)
  return (x) => {
    const losses: Scalar[] = []
    const means: Tensor2D[] = []
    const watch = (layer: string, input: Tensor4D) => {
      if (wanted.inversion) losses.push(inversionLoss(input, statistics.get(layer)!))
      if (wanted.means) means.push(tf.mean(input, [1, 2]))
    }
    const observer = wanted.inversion || wanted.means ? watch : undefined
    const {logits, features} = architecture.forward(parameters, x, 'eval', observer)
    return {logits, features, inversion: () => tf.addN(losses), means: () => tf.concat(means, 1)}
  }
}

/** How many channels all of a network's BatchNorms have together. */
export const watchedChannels = ({parameters}: Network): number =>
  [...statisticsOf(parameters).values()].reduce((sum, {mean}) => sum + mean.shape[0], 0)

/** By layer. */
function statisticsOf(parameters: Network['parameters']): ReadonlyMap<string, RunningStatistics> {
  const suffix = '.running_mean'
  return new Map(
    [...parameters.keys()]
      .filter((name) => name.endsWith(suffix))
      .map((name) => {
        const layer = name.slice(0, -suffix.length)
        const of = (statistic: string) => parameters.get(`${layer}.${statistic}`) as unknown as Tensor1D
        return [layer, {mean: of('running_mean'), variance: of('running_var')}]
      }),
  )
}
