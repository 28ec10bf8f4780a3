import type {ModelReader} from '../reader.ts'

/** A NumPy array. It is scanned, because one of objects is a pickle; it is no model. */
export const numpyArray: ModelReader = {
  name: 'numpy',
  extensions: ['.npy'],
  matches: (head) => Buffer.from(head.subarray(0, 6)).toString('latin1') === '\u0093NUMPY',
  parse: async (file, options) => (await import('./parse-npy.ts')).parseNpy(file, options),
}
