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
 * The weights and the configuration of an HDF5 file, through the HDF5 library compiled to WebAssembly, in memory. Weights
 * come under `layer/name` as the file nests them (`model_weights`, or `layers` in Keras 3); the optimiser's are left out.
 * Throws E_HDF5.
 */
export async function readHdf5(path: string, bytes: Uint8Array, limits: Limits): Promise<Hdf5Weights> {
  const {File, ready} = await import('h5wasm')
  const hdf5 = await ready
  hdf5.activate_throwing_error_handler()
  hdf5.FS.writeFile('/model.h5', bytes)
  try {
    const file = new File('/model.h5', 'r')
    const read = (name: string): string | undefined => textOf(file.attrs[name]?.value)
    const tensors: PlannedTensor[] = []
    const storages: PlannedStorage[] = []
    const payload: Uint8Array[] = []
    let position = 0
    const most = Math.min(limits.unpackedBytes, limits.ratio * bytes.length)
    const add = (name: string, dataset: Dataset) => {
      const shape = dataset.shape ?? []
      if (tensors.length >= limits.tensors || name.length > limits.nameLength)
        throw broken(path, 'it has too many weights, or too long names')
      // A data set may have a shape without having chunks for it.
      if (position + elements(shape) > most)
        throw broken(
          path,
          `'${name}' has the shape [${shape.join(', ')}], and the file ${bytes.length} bytes`,
        )
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
    for (const root of roots) visit(file.get(root) as unknown as Group, '', 0)
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
  } catch (error) {
    if (error instanceof Error && 'hints' in error) throw error
    throw broken(path, error instanceof Error ? error.message.split('\n')[0]!.slice(0, 200) : 'unreadable')
  } finally {
    hdf5.FS.unlink('/model.h5')
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

const broken = (path: string, why: string) =>
  environmentError({
    code: 'E_HDF5',
    message: `${path} is a broken HDF5 file: ${why.replace(/\.$/, '')}.`,
    hints: ['Copy or download it again, or save the model again.'],
  })
