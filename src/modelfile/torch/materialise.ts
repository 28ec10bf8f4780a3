import {environmentError} from '../../errors.ts'
import {decode, dtypes, elements, itemBytes, swapBytes, type Dtype} from '../dtype.ts'
import {dtypeOfStorage} from '../pickle/make-torch.ts'
import type {Storage, TensorView} from '../pickle/values.ts'
import type {StateTensor, TensorData} from '../state-dict.ts'

/** What a storage's items are; throws E_DTYPE for those that abd does not read. */
function checkedDtype(dtype: string, tensor: string, path: string): Dtype {
  const known = dtypes.find((name) => name === dtype)
  if (known) return known
  throw environmentError({
    code: 'E_DTYPE',
    message: `${path}: the tensor '${tensor}' has the dtype '${dtype}', which abd does not read.`,
    hints: ['Save the model in float32: model.float().state_dict().'],
  })
}

export const storageBytes = (storage: Storage, tensor: string, path: string): number =>
  storage.count * itemBytes(checkedDtype(dtypeOfStorage(storage.type), tensor, path))

export interface Materials {
  readonly path: string
  /** By storage key, each at the start of its buffer. */
  readonly storages: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
  readonly bigEndian: boolean
  /** Bytes that may still be allocated for copies; shared by all tensors of a file. */
  readonly budget: {bytes: number}
}

/**
 * A tensor's values, row-major, from its storage: a view where they lie in order and need no conversion.
 * Throws E_PICKLE where the view leaves its storage, E_LIMIT where the copies take too much.
 */
export function materialise(name: string, view: TensorView, materials: Materials): StateTensor {
  const {path} = materials
  const dtype = checkedDtype(view.dtype, name, path)
  const item = itemBytes(dtype)
  const count = elements(view.size)
  const storage = materials.storages.get(view.storage.key)!
  const extent =
    count === 0 ? 0 : view.size.reduce((reach, size, d) => reach + (size - 1) * view.stride[d]!, 1)
  if (!((view.offset + extent) * item <= storage.length))
    throw environmentError({
      code: 'E_PICKLE',
      message: `${path}: the tensor '${name}' reaches beyond its storage (item ${view.offset + extent} of ${Math.floor(storage.length / item)}).`,
      hints: ['The file is damaged or was made by hand; fetch it again from its source.'],
    })
  const spend = (bytes: number) => {
    materials.budget.bytes -= bytes
    if (materials.budget.bytes < 0) throw tooLarge(name, path)
  }
  let bytes = storage.subarray(view.offset * item, (view.offset + extent) * item)
  if (materials.bigEndian && item > 1) {
    spend(bytes.length)
    bytes = bytes.slice()
    swapBytes(dtype, bytes)
  }
  if (dtype === 'float16' || dtype === 'bfloat16') spend(extent * 4)
  const values = decode(dtype, bytes, extent)
  if (isContiguous(view)) return {dtype, shape: view.size, data: values}
  spend(count * values.BYTES_PER_ELEMENT)
  return {dtype, shape: view.size, data: gather(values, view, count)}
}

function isContiguous({size, stride}: TensorView): boolean {
  let expected = 1
  for (let d = size.length - 1; d >= 0; d--) {
    if (size[d] !== 1 && stride[d] !== expected) return elements(size) === 0
    expected *= size[d]!
  }
  return true
}

function gather(values: TensorData, {size, stride}: TensorView, count: number): TensorData {
  const out = new (values.constructor as new (length: number) => TensorData)(count)
  const index = size.map(() => 0)
  let from = 0
  for (let to = 0; to < count; to++) {
    out[to] = values[from]!
    for (let d = size.length - 1; d >= 0; d--) {
      from += stride[d]!
      if (++index[d]! < size[d]!) break
      from -= stride[d]! * size[d]!
      index[d] = 0
    }
  }
  return out
}

const tooLarge = (name: string, path: string) =>
  environmentError({
    code: 'E_LIMIT',
    message: `${path}: with the tensor '${name}' its tensors take far more memory than the file has bytes.`,
    hints: [
      'Save the weights without expanded or overlapping views: {k: v.clone() for k, v in state.items()}.',
    ],
  })
