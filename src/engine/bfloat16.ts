import {readFileSync} from 'node:fs'
import {environmentError} from '../errors.ts'

/** What oneDNN inside of libtensorflow reads once, before its first product. */
const MODE = 'TF_SET_ONEDNN_FPMATH_MODE'

/** Flags of x64 processors that multiply bfloat16 numbers. On Arm TensorFlow does not take oneDNN by itself. */
const instructions = ['avx512_bf16', 'amx_bf16']

/**
 * Lets TensorFlow round the factors of convolutions and products to bfloat16 (8 bits, where float32 has 24) inside of oneDNN,
 * where that has a kernel for it; sums, weights and all else stay float32. `processor` is what Linux says in /proc/cpuinfo. Throws E_NO_BFLOAT16 (exit code 4) where the
 * processor has no instructions for it: oneDNN would say nothing and compute in float32.
 */
export function useBfloat16(environment: NodeJS.ProcessEnv, processor = cpuInfo()): void {
  if (!hasBfloat16(processor))
    throw environmentError({
      code: 'E_NO_BFLOAT16',
      message: `This processor is not known to compute in bfloat16: its flags have none of ${instructions.join(', ')}.`,
      hints: ['Leave out --bf16.'],
    })
  if (isOff(environment))
    throw environmentError({
      code: 'E_NO_BFLOAT16',
      message: `TF_ENABLE_ONEDNN_OPTS=${environment['TF_ENABLE_ONEDNN_OPTS']} turns off oneDNN, which is what computes in bfloat16.`,
      hints: ['Unset it, or leave out --bf16.'],
    })
  environment[MODE] = 'BF16'
}

/** Whether products may be rounded so, by `useBfloat16` or by the user's own setting. */
export const usesBfloat16 = (environment: NodeJS.ProcessEnv, processor = cpuInfo()): boolean =>
  environment[MODE] === 'BF16' && !isOff(environment) && hasBfloat16(processor)

const isOff = (environment: NodeJS.ProcessEnv): boolean =>
  /^(0|false)$/i.test(environment['TF_ENABLE_ONEDNN_OPTS'] ?? '')

export function hasBfloat16(processor = cpuInfo()): boolean {
  const flags = /^flags\s*:(.*)$/m.exec(processor)?.[1]?.split(' ') ?? []
  return instructions.some((name) => flags.includes(name))
}

function cpuInfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8')
  } catch {
    // Not on Linux, where nothing is known of the processor.
    return ''
  }
}
