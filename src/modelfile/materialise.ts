import {environmentError} from '../errors.ts'
import {decode, elements, itemBytes, swapBytes, type Dtype} from './dtype.ts'
import type {PlannedTensor} from './plan.ts'
import type {StateTensor, TensorData} from './state-dict.ts'

export interface Materials {
  readonly path: string
  /** By index, each at the start of its buffer. */
  readonly storages: readonly (Uint8Array<ArrayBuffer> | undefined)[]
  readonly isBigEndian: (storage: number) => boolean
  /** Bytes that may still be allocated for copies; shared by all tensors of a file. */
  readonly budget: {bytes: number}
}

/**
 * A tensor's values, row-major, from its storage: a view where they lie in order and need no conversion.
 * Throws E_PICKLE where the view leaves its storage, E_LIMIT where the copies take too much.
 */
export function materialise(tensor: PlannedTensor, materials: Materials): StateTensor {
  const {path} = materials
  const {name, dtype, shape} = tensor
  const item = itemBytes(dtype)
  const count = elements(shape)
  const storage = materials.storages[tensor.storage]
  if (!storage || (tensor.stride && tensor.stride.length !== shape.length))
    throw beyond(path, name, `has no storage ${tensor.storage}`)
  const extent = extentOf(tensor, count)
  if (!((tensor.offset + extent) * item <= storage.length))
    throw beyond(
      path,
      name,
      `reaches beyond its storage (item ${tensor.offset + extent} of ${Math.floor(storage.length / item)})`,
    )
  const spend = (bytes: number) => {
    materials.budget.bytes -= bytes
    if (materials.budget.bytes < 0) throw tooLarge(name, path)
  }
  let bytes = storage.subarray(tensor.offset * item, (tensor.offset + extent) * item)
  if ((materials.isBigEndian(tensor.storage) && item > 1) || bytes.byteOffset % item !== 0) {
    spend(bytes.length)
    bytes = bytes.slice()
    if (materials.isBigEndian(tensor.storage)) swapBytes(dtype, bytes)
  }
  if (dtype === 'float16' || dtype === 'bfloat16') spend(extent * 4)
  const values = unquantised(tensor, decode(dtype, bytes, extent), spend)
  if (isContiguous(tensor)) return {dtype: dtypeOf(tensor), shape, data: values}
  spend(count * values.BYTES_PER_ELEMENT)
  return {dtype: dtypeOf(tensor), shape, data: gather(values, tensor, count)}
}

const dtypeOf = ({dtype, quantised}: PlannedTensor): Dtype => (quantised ? 'float32' : dtype)

function unquantised(
  {quantised}: PlannedTensor,
  values: TensorData,
  spend: (bytes: number) => void,
): TensorData {
  if (!quantised) return values
  spend(4 * values.length)
  const out = new Float32Array(values.length)
  // Float32Array.from with a mapping takes ten times as long.
  for (let i = 0; i < out.length; i++) out[i] = Number(values[i]) * quantised.scale + quantised.minimum
  return out
}

const extentOf = ({shape, stride}: PlannedTensor, count: number): number =>
  count === 0 || !stride ? count : shape.reduce((reach, size, d) => reach + (size - 1) * stride[d]!, 1)

function isContiguous({shape, stride}: PlannedTensor): boolean {
  if (!stride) return true
  let expected = 1
  for (let d = shape.length - 1; d >= 0; d--) {
    if (shape[d] !== 1 && stride[d] !== expected) return elements(shape) === 0
    expected *= shape[d]!
  }
  return true
}

function gather(values: TensorData, {shape, stride}: PlannedTensor, count: number): TensorData {
  const out = new (values.constructor as new (length: number) => TensorData)(count)
  const index = shape.map(() => 0)
  let from = 0
  for (let to = 0; to < count; to++) {
    out[to] = values[from]!
    for (let d = shape.length - 1; d >= 0; d--) {
      from += stride![d]!
      if (++index[d]! < shape[d]!) break
      from -= stride![d]! * shape[d]!
      index[d] = 0
    }
  }
  return out
}

const beyond = (path: string, name: string, why: string) =>
  environmentError({
    code: 'E_PICKLE',
    message: `${path}: the tensor '${name}' ${why}.`,
    hints: ['The file is damaged or was made by hand; fetch it again from its source.'],
  })

const tooLarge = (name: string, path: string) =>
  environmentError({
    code: 'E_LIMIT',
    message: `${path}: with the tensor '${name}' its tensors take far more memory than the file has bytes.`,
    hints: [
      'Save the weights without expanded or overlapping views: {k: v.clone() for k, v in state.items()}.',
    ],
  })
