import * as tf from '@tensorflow/tfjs-core'
import {AbdError, environmentError} from '../errors.ts'
import {runEagerly} from './capture/run-eagerly.ts'
import type {BackendFacts, Engine, EngineName} from './engine.ts'
import {registerKernels} from './kernels/register-kernels.ts'

export interface OpenOptions {
  /** Runs every step operation by operation: nothing is captured. */
  readonly eager?: boolean
  /** Told in one line why the best engine is not the one that was opened. */
  note?(line: string): void
}

/**
 * Makes an engine the one that runs all tensors of this process; disposing of it hands back to the one before. `auto`
 * takes TensorFlow where it is installed and can be loaded, else wasm, and notes why. Opening twice does no harm.
 *
 * @throws E_ENGINE_MISSING, E_ENGINE_LOAD (exit code 4) where the engine that was asked for cannot run here.
 */
export async function openEngine(
  name: EngineName | 'auto' = 'auto',
  options: OpenOptions = {},
): Promise<Engine> {
  if (name !== 'auto') return open(name, options)
  try {
    return await open('tensorflow', options)
  } catch (error) {
    if (!(error instanceof AbdError)) throw error
    options.note?.(`${error.message} Using wasm, which is slower. ${error.hints[0] ?? ''}`.trim())
    return open('wasm', options)
  }
}

async function open(name: EngineName, {eager = false}: OpenOptions): Promise<Engine> {
  // Only silences tfjs' advertisements on standard error.
  tf.enableProdMode()
  const before = tf.getBackend()
  const facts = await register[name]()
  await registerKernels(name)
  if (!(await tf.setBackend(name)))
    throw environmentError({
      code: 'E_ENGINE_LOAD',
      message: `The ${name} engine could not be started.`,
      hints: ['See: abd engine doctor'],
    })
  return {
    name,
    ...facts,
    ...(eager ? {capture: runEagerly} : {}),
    memory() {
      const {numTensors, numBytes} = tf.memory()
      return {tensors: numTensors, bytes: numBytes}
    },
    async [Symbol.asyncDispose]() {
      if (before && tf.getBackend() === name) await tf.setBackend(before)
    },
  }
}

const register: Readonly<Record<EngineName, () => Promise<BackendFacts>>> = {
  tensorflow: async () => (await import('./tensorflow.ts')).registerTensorFlow(),
  wasm: async () => (await import('./wasm.ts')).registerWasm(),
  cpu: async () => (await import('./cpu.ts')).registerCpu(),
}
