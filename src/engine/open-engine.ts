import * as tf from '@tensorflow/tfjs-core'
import {AbdError, environmentError, usageError} from '../errors.ts'
import {runEagerly} from './capture/run-eagerly.ts'
import type {BackendFacts, Engine, EngineName} from './engine.ts'
import {registerKernels} from './kernels/register-kernels.ts'

export interface OpenOptions {
  /** Runs every step operation by operation: nothing is captured. */
  readonly eager?: boolean
  /** Rounds the factors of convolutions and products to bfloat16; tensorflow alone can. */
  readonly bf16?: boolean
  /** Told in one line why the best engine is not the one that was opened. */
  note?(line: string): void
}

/**
 * Makes an engine the one that runs all tensors of this process; disposing of it hands back to the one before. `auto`
 * takes TensorFlow where it is installed and can be loaded, else wasm, and notes why. Opening twice does no harm.
 *
 * @throws E_ENGINE_MISSING, E_ENGINE_LOAD (exit code 4) where the engine that was asked for cannot run here;
 * E_NO_BFLOAT16 where it cannot round so (2 for an engine that never can, 4 for this machine).
 */
export async function openEngine(
  name: EngineName | 'auto' = 'auto',
  options: OpenOptions = {},
): Promise<Engine> {
  if (name !== 'auto') return open(name, options)
  try {
    return await open('tensorflow', options)
  } catch (error) {
    if (!(error instanceof AbdError) || options.bf16) throw error
    options.note?.(`${error.message} Using wasm, which is slower. ${error.hints[0] ?? ''}`.trim())
    return open('wasm', options)
  }
}

async function open(name: EngineName, {eager = false, bf16 = false}: OpenOptions): Promise<Engine> {
  // Only silences tfjs' advertisements on standard error.
  tf.enableProdMode()
  const before = tf.getBackend()
  const facts = await register[name](bf16)
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

const register: Readonly<Record<EngineName, (bf16: boolean) => Promise<BackendFacts>>> = {
  tensorflow: async (bf16) => (await import('./tensorflow.ts')).registerTensorFlow({bf16}),
  wasm: async (bf16) => withoutBfloat16('wasm', bf16) ?? (await import('./wasm.ts')).registerWasm(),
  cpu: async (bf16) => withoutBfloat16('cpu', bf16) ?? (await import('./cpu.ts')).registerCpu(),
}

function withoutBfloat16(name: EngineName, bf16: boolean): undefined {
  if (bf16)
    throw usageError({
      code: 'E_NO_BFLOAT16',
      message: `The ${name} engine does not compute in bfloat16.`,
      hints: ['Leave out --bf16, or take --engine tensorflow.'],
    })
}
