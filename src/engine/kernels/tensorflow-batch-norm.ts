import * as tf from '@tensorflow/tfjs-core'
import type {KernelConfig, Tensor, TensorInfo} from '@tensorflow/tfjs-core'
import {
  batchNormEvalKernel,
  batchNormTrainGradientKernel,
  batchNormTrainKernel,
} from './batch-norm-kernels.ts'
import type {Epsilon} from './batch-norm-kernels.ts'
import {runOperation} from './tensorflow-ops.ts'
import type {Attribute} from './tensorflow-ops.ts'

/** One operation each way: a training step takes about half the time that it takes with moments. */
export const tensorflowBatchNorm: readonly KernelConfig[] = [
  {
    kernelName: batchNormTrainKernel,
    backendName: 'tensorflow',
    kernelFunc: ({inputs, backend, attrs}) => {
      const {x, weight, bias} = inputs as Record<string, TensorInfo>
      return tf.tidy(() => {
        // Where the batch's own statistics are used, TensorFlow wants the given ones to be empty.
        const none = tf.tensor1d([], 'float32')
        const [y, mean, unbiased, ...reserved] = runOperation(
          backend,
          'FusedBatchNormV3',
          [x!, weight!, bias!, none, none],
          attributesOf(attrs, true),
          6,
        )
        const count = tf.util.sizeFromShape(x!.shape) / mean!.size
        return [y!, mean!, tf.mul(unbiased!, (count - 1) / count), ...reserved]
      })
    },
  },
  {
    kernelName: batchNormTrainGradientKernel,
    backendName: 'tensorflow',
    kernelFunc: ({inputs, backend, attrs}) => {
      // r0 and r1 are mean and variance; r2 to r4 are what FusedBatchNormV3 kept for itself.
      const {dy, x, weight, r2, r3, r4} = inputs as Record<string, TensorInfo>
      const all = [dy!, x!, weight!, r2!, r3!, r4!]
      const outputs = runOperation(backend, 'FusedBatchNormGradV3', all, attributesOf(attrs, true), 5)
      return outputs.slice(0, 3)
    },
  },
  {
    kernelName: batchNormEvalKernel,
    backendName: 'tensorflow',
    kernelFunc: ({inputs, backend, attrs}) => {
      const {x, mean, variance, weight, bias} = inputs as Record<string, TensorInfo>
      const all = [x!, weight!, bias!, mean!, variance!]
      return firstOf(runOperation(backend, 'FusedBatchNormV3', all, attributesOf(attrs, false), 6))
    },
  },
]

const attributesOf = (attrs: unknown, isTraining: boolean): Readonly<Record<string, Attribute>> => ({
  T: {type: 'type', value: 'float32'},
  U: {type: 'type', value: 'float32'},
  epsilon: {type: 'float', value: (attrs as Epsilon).epsilon},
  data_format: {type: 'string', value: 'NHWC'},
  is_training: {type: 'bool', value: isTraining},
})

function firstOf([first, ...others]: readonly Tensor[]): Tensor {
  for (const tensor of others) tensor.dispose()
  return first!
}
