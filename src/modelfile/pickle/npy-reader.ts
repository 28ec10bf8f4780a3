import {environmentError} from '../../errors.ts'
import {noWeightsPlan} from '../plan.ts'
import type {ModelReader} from '../reader.ts'
import {pickleContext} from './machine.ts'
import {scanNpy} from './scan-npy.ts'

/** A NumPy array. It is scanned, because one of objects is a pickle; it is no model. */
export const numpyArray: ModelReader = {
  name: 'numpy',
  extensions: ['.npy'],
  matches: (head) => Buffer.from(head.subarray(0, 6)).toString('latin1') === '\u0093NUMPY',

  async parse(file, {limits, signal}) {
    const context = pickleContext(limits, signal)
    scanNpy(await file.read(0, Math.min(file.bytes, limits.pickleBytes)), 0, context)
    const refusal = environmentError({
      code: 'E_FORMAT_UNSUPPORTED',
      message: `${file.path} is a NumPy array, which this version of abd does not read.`,
      hints: ['Save the arrays of the model together, as safetensors.'],
    })
    return {plan: noWeightsPlan([...context.findings.all]), refusal}
  },
}
