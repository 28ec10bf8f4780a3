import {environmentError} from '../../errors.ts'
import {noWeightsPlan} from '../plan.ts'
import type {Parsed, ParsedFile, ReadOptions} from '../reader.ts'
import {pickleContext} from './machine.ts'
import {scanNpy} from './scan-npy.ts'

/** Scans it: an array of objects is a pickle. */
export async function parseNpy(file: ParsedFile, {limits, signal}: ReadOptions): Promise<Parsed> {
  const context = pickleContext(limits, signal)
  scanNpy(await file.read(0, Math.min(file.bytes, limits.pickleBytes)), 0, context)
  const refusal = environmentError({
    code: 'E_FORMAT_UNSUPPORTED',
    message: `${file.path} is a NumPy array, which this version of abd does not read.`,
    hints: ['Save the arrays of the model together, as safetensors.'],
  })
  return {plan: noWeightsPlan([...context.findings.all]), refusal}
}
