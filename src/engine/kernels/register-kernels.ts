import * as tf from '@tensorflow/tfjs-core'
import type {EngineName} from '../engine.ts'
import {batchNormGradients} from './batch-norm-gradients.ts'
import {plainBatchNorm, plainBatchNormTrain} from './batch-norm-kernels.ts'
import {conv2DFilterGradient} from './conv2d-filter-gradient.ts'
import {tensorflowBatchNorm} from './tensorflow-batch-norm.ts'
import {tensorflowConv2D} from './tensorflow-conv2d.ts'
import {wasmBatchNormEval} from './wasm-batch-norm-eval.ts'
import {wasmConv2DGradients} from './wasm-conv2d.ts'
import {wasmOneHot} from './wasm-one-hot.ts'
import {wasmUnsortedSegmentSum} from './wasm-unsorted-segment-sum.ts'

/** Tells tfjs its own gradients, our kernels of one engine, in place of its own where it has them, and theirs. */
export async function registerKernels(engine: EngineName): Promise<void> {
  await import('#vendor/tfjs-node/gradients.cjs')
  for (const kernel of kernels[engine]) tf.registerKernel(kernel)
  for (const gradient of [conv2DFilterGradient, ...batchNormGradients]) tf.registerGradient(gradient)
}

const kernels = {
  tensorflow: [...tensorflowConv2D, ...tensorflowBatchNorm],
  wasm: [
    ...wasmConv2DGradients,
    wasmOneHot,
    wasmUnsortedSegmentSum,
    ...plainBatchNormTrain('wasm'),
    wasmBatchNormEval,
  ],
  cpu: plainBatchNorm('cpu'),
}
