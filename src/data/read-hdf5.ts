import type {DataFiles} from './data-files.ts'
import {badData, MAX_FILE_BYTES} from './data-files.ts'
import {arrayNames, splitsByName} from './named-arrays.ts'
import type {NamedArrays} from './named-arrays.ts'
import type {NpyArray} from './parse-npy.ts'
import {signClasses} from './sign-classes.ts'

/**
 * An HDF5 file of images and labels under their usual names in any case: X_train, Y_train (numbers or one-hot rows),
 * X_test, Y_test, as the GTSRB has them that the reference implementation links to (43 one-hot columns of 32x32 RGB:
 * format `gtsrb`). Read with the HDF5 library itself, compiled to WebAssembly. Throws E_DATA.
 */
export async function readHdf5(path: string): Promise<DataFiles> {
  const named = await arraysOf(path)
  const splits = splitsByName(path, named)
  const {height, width, channels} = splits.train.images
  const columns = [...named.arrays].find(([name]) => name.startsWith('y'))?.[1].shape[1]
  return columns === signClasses.length && height === 32 && width === 32 && channels === 3
    ? {format: 'gtsrb', classNames: signClasses.map(({name}) => name), ...splits}
    : {format: 'hdf5', ...splits}
}

async function arraysOf(path: string): Promise<NamedArrays> {
  const {Dataset, File, ready} = await import('h5wasm/node')
  const hdf5 = await ready
  // Without it the library prints its stack of errors and goes on.
  hdf5.activate_throwing_error_handler()
  const arrays = new Map<string, NpyArray>()
  const present: string[] = []
  try {
    const file = new File(path, 'r')
    try {
      for (const key of file.keys()) {
        present.push(key)
        const name = key.toLowerCase()
        const found = arrayNames.has(name) ? file.get(key) : undefined
        if (found instanceof Dataset) arrays.set(name, arrayOf(`${path} (${key})`, found))
      }
    } finally {
      file.close()
    }
  } catch (error) {
    if (error instanceof Error && 'hints' in error) throw error
    throw badData(path, 'cannot be read as HDF5', 'Is the file whole? Copy or download it again.', error)
  }
  return {arrays, present}
}

/** Filters below this number come with HDF5; the others are extensions. */
const FIRST_FOREIGN = 256

function arrayOf(
  name: string,
  dataset: {
    readonly shape: number[] | null
    readonly metadata: {readonly size: number}
    readonly filters: readonly {readonly id: number; readonly name: string}[]
    readonly value: unknown
  },
): NpyArray {
  const shape = dataset.shape ?? []
  const count = shape.reduce((all, size) => all * size, 1)
  if (count * dataset.metadata.size > MAX_FILE_BYTES)
    throw badData(name, `takes ${count * dataset.metadata.size} bytes`, 'Give at most 2 GiB an array.')
  const foreign = dataset.filters.find(({id}) => id >= FIRST_FOREIGN)
  if (foreign)
    throw badData(
      name,
      `is packed with ${foreign.name || `filter ${foreign.id}`}, which only its own program unpacks`,
      "Write it anew with compression='gzip', or with none.",
    )
  const {value} = dataset
  if (value instanceof Uint8Array || value instanceof Float32Array || value instanceof Float64Array)
    return {shape, data: value, real: !(value instanceof Uint8Array)}
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return {shape, data: Float64Array.from(value as Int32Array | BigInt64Array, Number), real: false}
  throw badData(
    name,
    'holds no numbers',
    'Save images as uint8 or floats, labels as integers or one-hot rows.',
  )
}
