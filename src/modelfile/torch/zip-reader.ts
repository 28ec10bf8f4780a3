import type {ModelReader} from '../reader.ts'

/** torch.save's format since PyTorch 1.6: a zip archive of one pickle and the storages. */
export const pytorchZip: ModelReader = {
  name: 'pytorch-zip',
  extensions: ['.pt', '.pth', '.bin', '.ckpt', '.pkl', '.tar', '.keras', '.zip', '.npz'],
  // torch.load looks at the first four bytes too: what begins otherwise it unpickles.
  matches: (head) => head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4,
  parse: async (file, options) => (await import('./parse-zip.ts')).parseZip(file, options),
}
