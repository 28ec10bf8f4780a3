import {environmentError} from '../../errors.ts'
import {dtypes, elements, itemBytes, type Dtype} from '../dtype.ts'
import type {Limits} from '../limits.ts'
import {plainStorage, type PlannedStorage, type PlannedTensor} from '../plan.ts'

/** Of the HDF5 library: what is used of it. */
interface Group {
  readonly attrs: Readonly<Record<string, {readonly value: unknown}>>
  keys(): string[]
  get(name: string): unknown
}
interface Dataset {
  readonly shape: number[] | null
  readonly dtype: unknown
  readonly value: unknown
}

export interface Hdf5Weights {
  readonly config: unknown
  readonly training: unknown
  readonly version: string | undefined
  readonly tensors: PlannedTensor[]
  readonly storages: PlannedStorage[]
  readonly payload: Uint8Array[]
  readonly payloadBytes: number
}

const dtypeOf = new Map<string, Dtype>([
  ['Float32Array', 'float32'],
  ['Float64Array', 'float64'],
  ['Int32Array', 'int32'],
  ['BigInt64Array', 'int64'],
  ['Uint8Array', 'uint8'],
  ['Int8Array', 'int8'],
])

const MAX_DEPTH = 32

/**
 * Whether the library has left its memory in disorder over a broken file: there is one instance of it in a process, and what
 * it says of other files can no longer be trusted. Files are parsed each in a process of its own unless that is turned off.
 */
let spent = false

/**
 * The weights and the configuration of an HDF5 file, through the HDF5 library compiled to WebAssembly, in memory. Weights
 * come under `layer/name` as the file nests them (`model_weights`, or `layers` in Keras 3); the optimiser's are left out.
 * Throws E_HDF5, and E_HDF5_SPENT where an earlier file has broken the library.
 */
export async function readHdf5(path: string, bytes: Uint8Array, limits: Limits): Promise<Hdf5Weights> {
  if (spent) throw libraryIsSpent(path)
  const {File, ready} = await import('h5wasm')
  const hdf5 = await ready
  hdf5.activate_throwing_error_handler()
  hdf5.FS.writeFile('/model.h5', bytes)
  let file: InstanceType<typeof File> | undefined
  try {
    file = new File('/model.h5', 'r')
    return contentOf(path, file, bytes.length, limits)
  } catch (error) {
    if (error instanceof Error && 'hints' in error) throw error
    if (isTrap(error)) spent = true
    throw broken(path, error instanceof Error ? error.message.split('\n')[0]!.slice(0, 200) : 'unreadable')
  } finally {
    if (!spent) close(file)
    hdf5.FS.unlink('/model.h5')
  }
}

function contentOf(path: string, file: Group, fileBytes: number, limits: Limits): Hdf5Weights {
  const read = (name: string): string | undefined => textOf(file.attrs[name]?.value)
  const tensors: PlannedTensor[] = []
  const storages: PlannedStorage[] = []
  const payload: Uint8Array[] = []
  let position = 0
  const most = Math.min(limits.unpackedBytes, limits.ratio * fileBytes)
  const add = (name: string, dataset: Dataset) => {
    const shape = dataset.shape ?? []
    if (tensors.length >= limits.tensors || name.length > limits.nameLength)
      throw broken(path, 'it has too many weights, or too long names')
    // A data set may have a shape without having chunks for it.
    if (position + elements(shape) > most)
      throw broken(path, `'${name}' has the shape [${shape.join(', ')}], and the file ${fileBytes} bytes`)
    const {value} = dataset
    const data = ArrayBuffer.isView(value) ? value : undefined
    const dtype = data && dtypeOf.get(data.constructor.name)
    if (!data || !dtype || !dtypes.includes(dtype)) return
    const own = new Uint8Array(
      data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer,
    )
    if (own.length !== elements(shape) * itemBytes(dtype)) throw broken(path, `'${name}' is cut off`)
    tensors.push({name, dtype, shape, stride: null, storage: storages.length, offset: 0})
    storages.push({...plainStorage({start: position, end: position + own.length}, name), file: -2})
    payload.push(own)
    position += own.length
  }
  const visit = (group: Group, prefix: string, depth: number): void => {
    if (depth > MAX_DEPTH) throw broken(path, 'its groups are nested too deeply')
    for (const key of group.keys()) {
      const child = group.get(key) as (Group & Dataset) | null
      if (!child) continue
      const name = prefix === '' ? key : `${prefix}/${key}`
      if (typeof child.keys === 'function') visit(child, name, depth + 1)
      else if ('shape' in child) add(name, child)
    }
  }
  const roots = ['model_weights', 'layers', '_layer_checkpoint_dependencies'].filter((name) =>
    file.keys().includes(name),
  )
  for (const root of roots) visit(file.get(root) as Group, '', 0)
  if (roots.length === 0 && file.attrs['layer_names']) visit(file, '', 0)
  return {
    config: json(path, read('model_config')),
    training: json(path, read('training_config')),
    version: read('keras_version'),
    tensors,
    storages,
    payload,
    payloadBytes: position,
  }
}

/** WebAssembly's own errors: an access out of bounds, an abort. */
const isTrap = (error: unknown) => error instanceof Error && error.name === 'RuntimeError'

/** A file that is broken enough cannot be closed either. */
function close(file: {close(): unknown} | undefined): void {
  try {
    file?.close()
  } catch (error) {
    // What there is to say of the file has been said.
    if (isTrap(error)) spent = true
  }
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string'
    ? value
    : value instanceof Uint8Array
      ? Buffer.from(value).toString('utf8')
      : undefined

function json(path: string, text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw broken(path, 'its configuration is not JSON')
  }
}

const libraryIsSpent = (path: string) =>
  environmentError({
    code: 'E_HDF5_SPENT',
    message: `${path} was not read: an earlier, broken file has put the HDF5 library of this process out of order.`,
    hints: ['Read it again in a new process, or each file in one of its own: without ABD_ISOLATION=off.'],
  })

const broken = (path: string, why: string) =>
  environmentError({
    code: 'E_HDF5',
    message: `${path} is a broken HDF5 file: ${why.replace(/\.$/, '')}.`,
    hints: ['Copy or download it again, or save the model again.'],
  })
