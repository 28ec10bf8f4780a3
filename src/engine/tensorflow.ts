import * as tf from '@tensorflow/tfjs-core'
import type {KernelBackend} from '@tensorflow/tfjs-core'
import {existsSync} from 'node:fs'
import {createRequire} from 'node:module'
import {availableParallelism} from 'node:os'
import {environmentError} from '../errors.ts'
import {onWasm} from './install/on-wasm.ts'
import {useBfloat16, usesBfloat16} from './bfloat16.ts'
import {captureSteps} from './capture/capture-steps.ts'
import type {BackendFacts} from './engine.ts'
import {findInstallations, standardErrorBeside} from './install/installation.ts'
import type {Installation} from './install/installation.ts'
import type {Binding, TensorFlowBackend} from './tensorflow-backend.ts'

interface LoadedBinding extends Binding {
  readonly TF_Version: string
  isUsingGpuDevice(): boolean
}

/**
 * Registers TensorFlow as tfjs' backend 'tensorflow': the kernels of @tensorflow/tfjs-node-gpu over a native binding
 * that `abd engine install` compiled, or over npm's own. Throws E_ENGINE_MISSING, E_ENGINE_LOAD or E_NO_BFLOAT16.
 */
export function registerTensorFlow({bf16 = false} = {}): BackendFacts {
  if (bf16) checkNotRunning()
  const binding = loadFirst(findInstallations())
  if (!tf.findBackendFactory('tensorflow')) {
    const {NodeJSKernelBackend} = require('#vendor/tfjs-node/backend.cjs') as {
      NodeJSKernelBackend: new (binding: LoadedBinding, packageName: string) => KernelBackend
    }
    tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node-gpu'))
  }
  const gpu = binding.isUsingGpuDevice()
  if (bf16) roundToBfloat16(gpu)
  return {
    version: binding.TF_Version,
    device: gpu ? 'gpu' : 'cpu',
    precision: precisionOn(gpu),
    threads: Number(process.env['TF_NUM_INTRAOP_THREADS']) || availableParallelism(),
    capture: (options) => captureSteps(tf.findBackend('tensorflow') as TensorFlowBackend, options),
  }
}

/** oneDNN reads its setting once for a process. */
function checkNotRunning(): void {
  if (tf.findBackendFactory('tensorflow') && !usesBfloat16(process.env))
    throw environmentError({
      code: 'E_NO_BFLOAT16',
      message: 'TensorFlow runs in this process already, in float32.',
      hints: ['Open the engine with bfloat16 in a process of its own.'],
    })
}

function roundToBfloat16(gpu: boolean): void {
  if (gpu)
    throw environmentError({
      code: 'E_NO_BFLOAT16',
      message: 'TensorFlow runs on a GPU here, where bfloat16 cannot be asked for.',
      hints: ['Leave out --bf16, or hide the GPU: CUDA_VISIBLE_DEVICES=-1.'],
    })
  useBfloat16(process.env)
}

function precisionOn(gpu: boolean): BackendFacts['precision'] {
  // What cuBLAS reads; `setUpGpu` sets it.
  if (gpu) return process.env['NVIDIA_TF32_OVERRIDE'] === '0' ? 'float32' : 'tf32'
  return usesBfloat16(process.env) ? 'bfloat16' : 'float32'
}

/** The first that can be loaded; where none can, the reason of the last. */
function loadFirst([first, ...others]: readonly Installation[]): LoadedBinding {
  if (!first)
    throw environmentError({
      code: 'E_ENGINE_MISSING',
      message: 'The TensorFlow engine is not installed.',
      hints: ['Install it with: abd engine install', onWasm],
    })
  try {
    return loadBinding(first)
  } catch (error) {
    if (others.length === 0) throw error
    return loadFirst(others)
  }
}

const require = createRequire(import.meta.url)

function loadBinding({binding, origin}: Installation): LoadedBinding {
  setUpGpu(process.env)
  try {
    return quietly(binding, () => require(binding) as LoadedBinding)
  } catch (cause) {
    throw environmentError({
      code: 'E_ENGINE_LOAD',
      message: `The TensorFlow engine cannot be loaded from ${binding}: ${(cause as Error).message.split('\n')[0]}`,
      hints: [
        origin === 'abd'
          ? 'Build it again: abd engine install --force'
          : 'Build your own: abd engine install',
        onWasm,
      ],
      cause,
    })
  }
}

/**
 * What libtensorflow and cuBLAS read when they are loaded. A GPU's memory is taken as it is needed, so that several jobs
 * share it; multiplications are of 32 bits as on a processor, not of the 19 of TF32, unless ABD_TF32=1.
 */
function setUpGpu(environment: NodeJS.ProcessEnv): void {
  environment['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true'
  if (environment['ABD_TF32'] !== '1') environment['NVIDIA_TF32_OVERRIDE'] ??= '0'
}

/** Without libtensorflow's notices, unless the user asks for them by a log level of 0 or 1. Errors are passed on. */
function quietly<T>(binding: string, load: () => T): T {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'
  if (Number(process.env['TF_CPP_MIN_LOG_LEVEL']) < 2) return load()
  const holder = standardErrorBeside(binding)
  if (!existsSync(holder)) return load()
  const standardError = require(holder) as {capture(): void; release(): string}
  standardError.capture()
  try {
    return load()
  } finally {
    const said = standardError.release().split('\n')
    const errors = said.filter((line) => line && !/^(I|W)\d{4} |^WARNING: All log messages before/.test(line))
    if (errors.length > 0) process.stderr.write(`${errors.join('\n')}\n`)
  }
}
