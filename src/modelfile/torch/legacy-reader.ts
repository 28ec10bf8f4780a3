import type {ModelReader} from '../reader.ts'

/** Of the first pickle: PROTO 2, LONG1 0x1950a86a20f9469cfc6c, STOP. */
const MAGIC = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex')

/**
 * torch.save's format before PyTorch 1.6: five pickles, then for each storage, in the order of the fifth's keys, its
 * number of items (int64) and its bytes, in little-endian whatever machine wrote them.
 */
export const pytorchLegacy: ModelReader = {
  name: 'pytorch-legacy',
  extensions: ['.pt', '.pth', '.bin', '.ckpt', '.pkl', '.tar'],
  matches: (head) => MAGIC.equals(head.subarray(0, MAGIC.length)),
  parse: async (file, options) => (await import('./parse-legacy.ts')).parseLegacy(file, options),
}
