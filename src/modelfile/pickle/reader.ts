import {HEAD_BYTES} from '../limits.ts'
import type {ModelReader} from '../reader.ts'
import {beginsLikePickle} from './begins-like-pickle.ts'
import {surveyPickle} from './survey-pickle.ts'

/** A pickle that torch.save did not write. It is scanned; what it holds is not read. */
export const pickle: ModelReader = {
  name: 'pickle',
  extensions: ['.pkl', '.pickle', '.joblib', '.dill'],
  matches: (head) => beginsLikePickle(head) || isTextPickle(head),
  parse: async (file, options) => (await import('./parse-pickle.ts')).parsePickle(file, options),
}

/**
 * Protocols 0 and 1 have no mark: what is instructions from its first byte to a STOP, and begins as objects do, or imports
 * something and makes use of it. No text reads like that by chance.
 */
function isTextPickle(head: Uint8Array): boolean {
  const {reached, end, imports, calls} = surveyPickle(head)
  if (!'(]})ci'.includes(String.fromCharCode(head[0] ?? 0)) && !(imports && calls)) return false
  // Cut off by the end of the head: many instructions made sense so far.
  return reached === 'stop' || (reached === 'cut' && head.length === HEAD_BYTES && end > HEAD_BYTES / 2)
}
