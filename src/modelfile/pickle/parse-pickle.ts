import {environmentError} from '../../errors.ts'
import {isDangerous} from '../model-file.ts'
import {noWeightsPlan} from '../plan.ts'
import type {Parsed, ParsedFile, ReadOptions} from '../reader.ts'
import {pickleContext} from './machine.ts'
import {brokenPickle, pickleTooLong} from './refuse-pickle.ts'
import {scanPickle} from './scan-pickle.ts'

/** Scans it; what it holds is not read. */
export async function parsePickle(file: ParsedFile, {limits, signal}: ReadOptions): Promise<Parsed> {
  const context = pickleContext(limits, signal)
  const bytes = await file.read(0, Math.min(file.bytes, limits.pickleBytes))
  const {failure} = scanPickle(bytes, 0, context)
  const plan = noWeightsPlan([...context.findings.all])
  if (isDangerous(plan.scan)) return {plan}
  if (bytes.length < file.bytes) throw pickleTooLong(file, limits)
  if (failure !== undefined) throw brokenPickle(`${file.path} begins like a pickle but`, failure)
  const refusal = environmentError({
    code: 'E_FORMAT_UNSUPPORTED',
    message: `${file.path} is a bare pickle, which abd only scans (nothing dangerous was found).`,
    hints: [
      'Where you trust it, load it and save the weights alone: torch.save(model.state_dict(), path), or as safetensors.',
    ],
  })
  return {plan, refusal}
}
