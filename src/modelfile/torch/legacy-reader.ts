import {BrokenPickle} from '../pickle/broken-pickle.ts'
import {decodeAt} from '../pickle/decode.ts'
import type {ModelReader} from '../reader.ts'

const MAGIC = 0x1950a86a20f9469cfc6cn

/** Whether the first pickle is the magic number, in whatever protocol: torch.save takes each, and torch.load too. */
function beginsWithMagic(head: Uint8Array): boolean {
  try {
    let at = 0
    let isMagic = false
    // PROTO, FRAME, the number, STOP.
    for (let n = 0; n < 4; n++) {
      const {name, argument, end} = decodeAt(head, at)
      if (name === 'STOP') return isMagic
      if (name !== 'PROTO' && name !== 'FRAME') isMagic = argument === MAGIC
      at = end
    }
    return false
  } catch (error) {
    if (error instanceof BrokenPickle) return false
    throw error
  }
}

/**
 * torch.save's format before PyTorch 1.6: five pickles, then for each storage, in the order of the fifth's keys, its
 * number of items (int64) and its bytes, in little-endian whatever machine wrote them.
 */
export const pytorchLegacy: ModelReader = {
  name: 'pytorch-legacy',
  extensions: ['.pt', '.pth', '.bin', '.ckpt', '.pkl', '.tar'],
  matches: beginsWithMagic,
  parse: async (file, options) => (await import('./parse-legacy.ts')).parseLegacy(file, options),
}
