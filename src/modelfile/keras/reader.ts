import type {ModelReader} from '../reader.ts'

/** Keras's HDF5 files (.h5): the configuration as JSON in an attribute, weights in groups. */
export const kerasH5: ModelReader = {
  name: 'keras-h5',
  extensions: ['.h5', '.hdf5'],
  matches: (head) => Buffer.from(head.subarray(0, 8)).toString('latin1') === '\u0089HDF\r\n\u001a\n',
  parse: async (file, options) => (await import('./parse-keras.ts')).parseKerasH5(file, options),
}
