import {usageError} from '../errors.ts'
import {narrowBfloat16, narrowHalf, widenBfloat16, widenHalf} from './half.ts'
import type {StateTensor, TensorData} from './state-dict.ts'

/** The element types that abd reads and writes, by PyTorch's names. */
export const dtypes = [
  'float32',
  'float64',
  'float16',
  'bfloat16',
  'int64',
  'int32',
  'int16',
  'int8',
  'uint8',
  'bool',
  'uint16',
  'uint32',
  'uint64',
] as const
export type Dtype = (typeof dtypes)[number]

interface Layout {
  readonly itemBytes: number
  /** From little-endian bytes at an offset that is a multiple of itemBytes. A view where nothing needs converting. */
  decode(buffer: ArrayBuffer, offset: number, count: number): TensorData
}

const layouts: Readonly<Record<Dtype, Layout>> = {
  float32: {itemBytes: 4, decode: (b, o, n) => new Float32Array(b, o, n)},
  float64: {itemBytes: 8, decode: (b, o, n) => new Float64Array(b, o, n)},
  float16: {itemBytes: 2, decode: (b, o, n) => widenHalf(new Uint16Array(b, o, n))},
  bfloat16: {itemBytes: 2, decode: (b, o, n) => widenBfloat16(new Uint16Array(b, o, n))},
  int64: {itemBytes: 8, decode: (b, o, n) => new BigInt64Array(b, o, n)},
  int32: {itemBytes: 4, decode: (b, o, n) => new Int32Array(b, o, n)},
  int16: {itemBytes: 2, decode: (b, o, n) => new Int16Array(b, o, n)},
  int8: {itemBytes: 1, decode: (b, o, n) => new Int8Array(b, o, n)},
  uint8: {itemBytes: 1, decode: (b, o, n) => new Uint8Array(b, o, n)},
  bool: {itemBytes: 1, decode: (b, o, n) => new Uint8Array(b, o, n)},
  uint16: {itemBytes: 2, decode: (b, o, n) => new Uint16Array(b, o, n)},
  uint32: {itemBytes: 4, decode: (b, o, n) => new Uint32Array(b, o, n)},
  uint64: {itemBytes: 8, decode: (b, o, n) => new BigUint64Array(b, o, n)},
}

export const itemBytes = (dtype: Dtype): number => layouts[dtype].itemBytes

export const decode = (dtype: Dtype, bytes: Uint8Array<ArrayBuffer>, count: number): TensorData =>
  layouts[dtype].decode(bytes.buffer, bytes.byteOffset, count)

/** Reverses the bytes of every item, in place: big-endian storages become little-endian. */
export function swapBytes(dtype: Dtype, bytes: Uint8Array<ArrayBuffer>): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (layouts[dtype].itemBytes) {
    case 2:
      buffer.swap16()
      break
    case 4:
      buffer.swap32()
      break
    case 8:
      buffer.swap64()
      break
  }
}

/** A tensor's little-endian bytes under its dtype, for writers. Throws E_TENSOR where its parts do not fit together. */
export function encode(name: string, tensor: StateTensor): {dtype: Dtype; bytes: Uint8Array<ArrayBuffer>} {
  const dtype = dtypes.find((known) => known === tensor.dtype)
  if (!dtype) throw badTensor(name, `its dtype '${tensor.dtype}' is not one of ${dtypes.join(', ')}`)
  const count = elements(tensor.shape)
  if (tensor.data.length !== count)
    throw badTensor(
      name,
      `shape [${tensor.shape.join(', ')}] takes ${count} values, not ${tensor.data.length}`,
    )
  if (tensor.data.constructor !== layouts[dtype].decode(new ArrayBuffer(0), 0, 0).constructor)
    throw badTensor(name, `a ${tensor.data.constructor.name} does not hold ${dtype} values`)
  const data = narrow(dtype, tensor.data)
  return {dtype, bytes: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)}
}

export const elements = (shape: readonly number[]): number =>
  shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1)

function narrow(dtype: Dtype, data: TensorData): TensorData {
  if (!(data instanceof Float32Array)) return data
  if (dtype === 'float16') return narrowHalf(data)
  if (dtype === 'bfloat16') return narrowBfloat16(data)
  return data
}

const badTensor = (name: string, why: string) =>
  usageError({
    code: 'E_TENSOR',
    message: `The tensor '${name}' cannot be written: ${why}.`,
    hints: ['Give dtype, shape and data that belong together.'],
  })
