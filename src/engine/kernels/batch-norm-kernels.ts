import * as tf from '@tensorflow/tfjs-core'
import type {KernelConfig, Tensor1D, Tensor4D} from '@tensorflow/tfjs-core'

export const batchNormTrainKernel = 'BatchNormTrain'
export const batchNormTrainGradientKernel = 'BatchNormTrainGradient'
export const batchNormEvalKernel = 'BatchNormEval'

export interface Epsilon {
  readonly epsilon: number
}

/** For engines without fused kernels. */
export const plainBatchNorm = (backendName: string): readonly KernelConfig[] => [
  ...plainBatchNormTrain(backendName),
  {
    kernelName: batchNormEvalKernel,
    backendName,
    kernelFunc: ({inputs, attrs}) => {
      const {x, mean, variance, weight, bias} = inputs as {x: Tensor4D} & Record<string, Tensor1D>
      const {epsilon} = attrs as unknown as Epsilon
      return tf.batchNorm(x, mean!, variance!, bias, weight, epsilon)
    },
  },
]

/** By the batch's statistics, and its gradient. */
export const plainBatchNormTrain = (backendName: string): readonly KernelConfig[] => [
  {
    kernelName: batchNormTrainKernel,
    backendName,
    kernelFunc: ({inputs, attrs}) => {
      const {x, weight, bias} = inputs as {x: Tensor4D; weight: Tensor1D; bias: Tensor1D}
      const {epsilon} = attrs as unknown as Epsilon
      return tf.tidy(() => {
        const mean = tf.div(sumOverPixels(x), pixelsOf(x))
        const variance = tf.div(sumOverPixels(tf.square(tf.sub(x, mean))), pixelsOf(x))
        return [tf.batchNorm(x, mean, variance, bias, weight, epsilon), mean, variance]
      })
    },
  },
  {
    kernelName: batchNormTrainGradientKernel,
    backendName,
    kernelFunc: ({inputs, attrs}) => {
      const {dy, x, weight, r0, r1} = inputs as unknown as Backward
      const {epsilon} = attrs as unknown as Epsilon
      return tf.tidy(() => backward({dy, x, weight, r0, r1}, epsilon))
    },
  },
]

interface Backward {
  readonly dy: Tensor4D
  readonly x: Tensor4D
  readonly weight: Tensor1D
  /** Mean and variance of the batch. */
  readonly r0: Tensor1D
  readonly r1: Tensor1D
}

/** [dx, dweight, dbias] */
function backward({dy, x, weight, r0, r1}: Backward, epsilon: number): [Tensor4D, Tensor1D, Tensor1D] {
  const scale = tf.rsqrt(tf.add(r1, epsilon))
  const normal = tf.mul(tf.sub(x, r0), scale)
  const dBias = sumOverPixels(dy)
  const dWeight = sumOverPixels(tf.mul(dy, normal))
  const centred = tf.sub(dy, tf.div(tf.add(dBias, tf.mul(normal, dWeight)), pixelsOf(x)))
  return [tf.mul(tf.mul(weight, scale), centred), dWeight, dBias]
}

const pixelsOf = (x: Tensor4D) => x.size / x.shape[3]

/** A product with ones: on wasm several times as fast as its reduction. */
const sumOverPixels = (x: Tensor4D): Tensor1D =>
  tf.reshape(tf.matMul(tf.ones([1, pixelsOf(x)]), tf.reshape(x, [pixelsOf(x), x.shape[3]])), [x.shape[3]])
