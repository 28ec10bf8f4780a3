import {environmentError} from '../../errors.ts'
import {isDangerous} from '../model-file.ts'
import {noWeightsPlan} from '../plan.ts'
import type {Parsed, ParsedFile, ReadOptions} from '../reader.ts'
import {brokenPickle, pickleTooLong} from './refuse-pickle.ts'
import {pickleContext} from './machine.ts'
import {mayBePickle, scanNpy} from './scan-npy.ts'

/** Scans it: an array of objects is a pickle. */
export async function parseNpy(file: ParsedFile, {limits, signal}: ReadOptions): Promise<Parsed> {
  const context = pickleContext(limits, signal)
  if (mayBePickle(file.head, {isWhole: file.bytes === file.head.length})) {
    const bytes = await file.read(0, Math.min(file.bytes, limits.pickleBytes))
    const failure = scanNpy(bytes, 0, context)
    if (!isDangerous(context.findings.all)) {
      if (bytes.length < file.bytes) throw pickleTooLong(file, limits)
      if (failure !== undefined) throw brokenPickle(`${file.path}: the pickle of its objects`, failure)
    }
  }
  const refusal = environmentError({
    code: 'E_FORMAT_UNSUPPORTED',
    message: `${file.path} is a NumPy array, which this version of abd does not read.`,
    hints: ['Save the arrays of the model together, as safetensors.'],
  })
  return {plan: noWeightsPlan([...context.findings.all]), refusal}
}
