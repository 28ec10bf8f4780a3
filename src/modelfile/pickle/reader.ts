import {environmentError} from '../../errors.ts'
import {isDangerous} from '../model-file.ts'
import {noWeightsPlan} from '../plan.ts'
import type {ModelReader} from '../reader.ts'
import {HEAD_BYTES} from '../source-file.ts'
import {BrokenPickle} from './broken-pickle.ts'
import {decodeAt} from './decode.ts'
import {pickleContext} from './machine.ts'
import {beginsLikePickle, scanPickle} from './scan-pickle.ts'

/** A pickle that torch.save did not write. It is scanned; what it holds is not read. */
export const pickle: ModelReader = {
  name: 'pickle',
  extensions: ['.pkl', '.pickle', '.joblib', '.dill'],
  matches: (head) => beginsLikePickle(head) || isTextPickle(head),

  async parse(file, {limits, signal}) {
    const context = pickleContext(limits, signal)
    const bytes = await file.read(0, Math.min(file.bytes, limits.pickleBytes))
    const {failure} = scanPickle(bytes, 0, context)
    const plan = noWeightsPlan([...context.findings.all])
    if (isDangerous(plan.scan)) return {plan}
    if (failure !== undefined)
      throw environmentError({
        code: 'E_PICKLE',
        message: `${file.path} begins like a pickle but is a broken one: ${failure}.`,
        hints: ['Copy or download it again, and compare its checksum with the source.'],
      })
    const refusal = environmentError({
      code: 'E_FORMAT_UNSUPPORTED',
      message: `${file.path} is a bare pickle, which abd only scans (nothing dangerous was found).`,
      hints: [
        'Where you trust it, load it and save the weights alone: torch.save(model.state_dict(), path), or as safetensors.',
      ],
    })
    return {plan, refusal}
  },
}

/** Protocols 0 and 1 have no mark: a text that is instructions from its first byte to a STOP, and begins as objects do. */
function isTextPickle(head: Uint8Array): boolean {
  if (!'(]})ci'.includes(String.fromCharCode(head[0] ?? 0))) return false
  let at = 0
  try {
    for (;;) {
      const {name, end} = decodeAt(head, at)
      if (name === 'STOP') return true
      at = end
    }
  } catch (error) {
    if (!(error instanceof BrokenPickle)) throw error
    // Cut off by the end of the head: many instructions made sense so far.
    return head.length === HEAD_BYTES && at > HEAD_BYTES / 2
  }
}
