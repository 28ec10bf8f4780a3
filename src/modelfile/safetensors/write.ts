import {encode, itemBytes, type Dtype} from '../dtype.ts'
import type {StateDict} from '../state-dict.ts'
import {writeAtomic} from '../../write-atomic.ts'
import {safetensorsDtypes} from './header.ts'

const spelled = new Map(
  Object.entries(safetensorsDtypes).map(([name, dtype]): [Dtype, string] => [dtype, name]),
)

/**
 * Writes a state dict as safetensors, atomically. Tensors whose dtype is float16 or bfloat16 are narrowed again, the
 * others are written as they are. The header keeps the order of names; larger items come first in the data, so that
 * each tensor is aligned to its own item.
 * Throws E_TENSOR for a tensor whose parts do not fit together.
 */
export async function writeSafetensors(
  path: string,
  stateDict: StateDict,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const tensors = [...stateDict].map(([name, tensor]) => ({
    name,
    shape: tensor.shape,
    ...encode(name, tensor),
  }))
  const inFile = tensors.toSorted((a, b) => itemBytes(b.dtype) - itemBytes(a.dtype))
  const begins = new Map<string, number>()
  let position = 0
  for (const {name, bytes} of inFile) {
    begins.set(name, position)
    position += bytes.length
  }
  const entries = tensors.map(({name, shape, dtype, bytes}) => {
    const begin = begins.get(name)!
    return [name, {dtype: spelled.get(dtype), shape, data_offsets: [begin, begin + bytes.length]}] as const
  })
  const about = Object.keys(metadata).length > 0 ? [['__metadata__', metadata] as const] : []
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries<unknown>([...about, ...entries])))
  // The format aligns the data to 8 bytes, by spaces after the JSON.
  const header = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20)
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true)
  header.set(json, 8)
  await writeAtomic(path, [header, ...inFile.map(({bytes}) => bytes)])
}
