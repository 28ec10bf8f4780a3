import {environmentError} from '../../errors.ts'
import {dtypes, itemBytes, type Dtype} from '../dtype.ts'
import type {Limits} from '../limits.ts'
import {dtypeOfStorage} from '../pickle/make-torch.ts'
import type {Storage, TensorView} from '../pickle/values.ts'
import type {PlannedStorage, PlannedTensor} from '../plan.ts'

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

interface Where {
  readonly path: string
  readonly limits: Limits
  /** Where a storage lies. `needed`: how many bytes it must have. Throws where it is not there, or too short. */
  place(storage: Storage, tensor: string, needed: number): PlannedStorage
}

/** The plan for the tensors of a pickle: each storage once, in the order in which they are met. */
export function planTensors(
  views: ReadonlyMap<string, TensorView>,
  {path, limits, place}: Where,
): {tensors: PlannedTensor[]; storages: PlannedStorage[]} {
  if (views.size > limits.tensors)
    throw environmentError({
      code: 'E_LIMIT',
      message: `${path} has ${views.size} tensors, the limit is ${limits.tensors}.`,
      hints: ['No model needs that many; save its weights again.'],
    })
  const storages: PlannedStorage[] = []
  const places = new Map<string, number>()
  const tensors = [...views].map(([name, view]): PlannedTensor => {
    if (name.length > limits.nameLength)
      throw badStorage(path, `a tensor has a name of ${name.length} characters`)
    const {storage} = view
    const needed = storageBytes(storage, name, path)
    const known = places.get(storage.key)
    const found = known === undefined ? place(storage, name, needed) : storages[known]!
    if (found.bytes < needed)
      throw badStorage(
        path,
        `the storage '${storage.key}' of the tensor '${name}' has ${found.bytes} bytes, not ${needed}`,
      )
    if (known === undefined) {
      places.set(storage.key, storages.length)
      storages.push(found)
    }
    return {
      name,
      dtype: checkedDtype(view.dtype, name, path),
      shape: [...view.size],
      stride: [...view.stride],
      storage: places.get(storage.key)!,
      offset: view.offset + storage.begin,
    }
  })
  return {tensors, storages}
}

export const badStorage = (path: string, why: string) =>
  environmentError({
    code: 'E_PICKLE',
    message: `${path}: ${why}.`,
    hints: ['The file is damaged or was made by hand; fetch it again from its source.'],
  })
