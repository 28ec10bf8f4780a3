import * as tf from '@tensorflow/tfjs-core'
import type {Tensor, Tensor1D, Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import {batchNormEval, batchNormTrain} from '../engine/kernels/batch-norm.ts'
import {conv2d} from '../engine/kernels/conv2d.ts'
import type {Mode, Observer, Parameters} from './architecture.ts'
import {convolve} from './graph/convolve.ts'
import {parameterOf} from './parameter-of.ts'
import {runningMoments} from './running-moments.ts'
import type {BatchMoments} from './running-moments.ts'
import {upsampledConvolution} from './upsampled-convolution.ts'

/** PyTorch's default of BatchNorm. */
export const BATCH_NORM_EPSILON = 1e-5

/** One forward pass through a network's layers, each found by its name. */
export interface Pass {
  /** Square filters, by default padded so that stride 1 keeps the size; with a bias where the layer has one. */
  convolution(layer: string, x: Tensor4D, stride?: number, padding?: number): Tensor4D
  /** On an image twice as large both ways, by nearest neighbours, with filters of 3 x 3 that keep its size. */
  upsampledConvolution(layer: string, x: Tensor4D): Tensor4D
  /** Square filters, one or more for each channel by itself, padded so that stride 1 keeps the size. */
  depthwise(layer: string, x: Tensor4D, stride?: number): Tensor4D
  batchNorm(layer: string, x: Tensor4D): Tensor4D
  linear(layer: string, x: Tensor2D): Tensor2D
  /** What is computed on the way and needed no more is let go, unless it is observed: others may hold on to that. */
  tidied(compute: () => Tensor4D): Tensor4D
  /** In `train` mode the new running statistics of every BatchNorm passed so far; else none. */
  moments(): ReadonlyMap<string, Tensor>
}

export function startPass(parameters: Parameters, mode: Mode, observe?: Observer): Pass {
  const seen: BatchMoments[] = []
  const biased = <T extends Tensor>(layer: string, x: T): T =>
    parameters.has(`${layer}.bias`) ? tf.add(x, parameterOf(parameters, `${layer}.bias`)) : x

  return {
    convolution(layer, x, stride = 1, padding) {
      const filter = parameterOf<Tensor4D>(parameters, `${layer}.weight`) // [h,w,in,out]
      return biased(layer, conv2d(x, filter, stride, padding ?? (filter.shape[0] - 1) / 2))
    },
    upsampledConvolution: (layer, x) =>
      biased(layer, upsampledConvolution(x, parameterOf<Tensor4D>(parameters, `${layer}.weight`))),
    depthwise(layer, x, stride = 1) {
      const filter = parameterOf<Tensor4D>(parameters, `${layer}.weight`) // [h,w,1,out]
      const side = (filter.shape[0] - 1) / 2
      return biased(
        layer,
        convolve(x, filter, {
          strides: [stride, stride],
          dilations: [1, 1],
          groups: x.shape[3],
          padding: [side, side, side, side],
        }),
      )
    },
    batchNorm(layer, x) {
      observe?.(layer, x)
      const of = (name: string) => parameterOf<Tensor1D>(parameters, `${layer}.${name}`)
      if (mode === 'eval')
        return batchNormEval(
          x,
          of('running_mean'),
          of('running_var'),
          of('weight'),
          of('bias'),
          BATCH_NORM_EPSILON,
        )
      const {y, mean, variance} = batchNormTrain(x, of('weight'), of('bias'), BATCH_NORM_EPSILON)
      seen.push({layer, mean, variance, count: x.shape[0] * x.shape[1] * x.shape[2]})
      return y
    },
    linear: (layer, x) => biased(layer, tf.matMul(x, parameterOf<Tensor2D>(parameters, `${layer}.weight`))),
    tidied(compute) {
      if (observe) return compute()
      const before = seen.length
      const {y} = tf.tidy(() => {
        const y = compute()
        // In what a tidy returns, they outlive it.
        return {y, statistics: seen.slice(before).flatMap(({mean, variance}) => [mean, variance])}
      })
      return y
    },
    moments: () => runningMoments(parameters, seen),
  }
}
