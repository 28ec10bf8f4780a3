import * as tf from '@tensorflow/tfjs-core'
import type {Tensor1D, Tensor4D} from '@tensorflow/tfjs-core'
import {batchNormEvalKernel, batchNormTrainKernel} from './batch-norm-kernels.ts'

export interface NormalisedBatch {
  readonly y: Tensor4D
  /** Of the batch, one number a channel; constants, through which no gradient flows. */
  readonly mean: Tensor1D
  /** Biased: the mean of the squared deviations, as `mean` a constant. */
  readonly variance: Tensor1D
}

/**
 * Batch normalisation by the batch's own statistics: y = weight · (x - mean) / sqrt(variance + epsilon) + bias, with mean
 * and variance over B, H and W (Ioffe and Szegedy 2015, algorithm 1). Differentiable in x, weight and bias, any number
 * of times; one fused kernel each way on tensorflow.
 *
 * @param x [B, H, W, C]
 * @param weight [C]
 * @param bias [C]
 */
export function batchNormTrain(
  x: Tensor4D,
  weight: Tensor1D,
  bias: Tensor1D,
  epsilon: number,
): NormalisedBatch {
  const [y, mean, variance] = tf
    .engine()
    .runKernel<[Tensor4D, Tensor1D, Tensor1D]>(batchNormTrainKernel, {x, weight, bias}, {epsilon})
  return {y, mean, variance}
}

/** Batch normalisation by given statistics (running mean and variance, [C]), differentiable in all arguments. */
// The two statistics and the two parameters are what every caller has in hand, in PyTorch's order.
// eslint-disable-next-line max-params
export function batchNormEval(
  x: Tensor4D,
  mean: Tensor1D,
  variance: Tensor1D,
  weight: Tensor1D,
  bias: Tensor1D,
  epsilon: number,
): Tensor4D {
  return tf.engine().runKernel<Tensor4D>(batchNormEvalKernel, {x, mean, variance, weight, bias}, {epsilon})
}
