import {HEAD_BYTES} from '../limits.ts'
import type {ModelReader} from '../reader.ts'
import {beginsLikePickle} from './begins-like-pickle.ts'
import {BrokenPickle} from './broken-pickle.ts'
import {decodeAt} from './decode.ts'

/** A pickle that torch.save did not write. It is scanned; what it holds is not read. */
export const pickle: ModelReader = {
  name: 'pickle',
  extensions: ['.pkl', '.pickle', '.joblib', '.dill'],
  matches: (head) => beginsLikePickle(head) || isTextPickle(head),
  parse: async (file, options) => (await import('./parse-pickle.ts')).parsePickle(file, options),
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
