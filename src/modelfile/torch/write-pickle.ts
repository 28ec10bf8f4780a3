import type {Dtype} from '../dtype.ts'

export const storageClasses: Readonly<Partial<Record<Dtype, string>>> = {
  float32: 'FloatStorage',
  float64: 'DoubleStorage',
  float16: 'HalfStorage',
  bfloat16: 'BFloat16Storage',
  int64: 'LongStorage',
  int32: 'IntStorage',
  int16: 'ShortStorage',
  int8: 'CharStorage',
  uint8: 'ByteStorage',
  bool: 'BoolStorage',
}

/** A tensor of a state dict, alone in the storage of its key. */
export interface PickledTensor {
  readonly name: string
  readonly key: string
  readonly storageClass: string
  readonly shape: readonly number[]
}

/**
 * The data.pkl of a state dict: protocol 2, a collections.OrderedDict of torch._utils._rebuild_tensor_v2 calls, as
 * torch.save writes it but for the memo, which only saves space.
 */
export function pickleStateDict(tensors: readonly PickledTensor[]): Uint8Array {
  const parts: Uint8Array[] = [bytes(0x80, 2), orderedDict, bytes('(')]
  for (const {name, key, storageClass, shape} of tensors) {
    const count = shape.reduce((product, size) => product * size, 1)
    const storage = [
      bytes('('),
      text('storage'),
      global('torch', storageClass),
      text(key),
      text('cpu'),
      whole(count),
      bytes('tQ'),
    ]
    parts.push(
      text(name),
      global('torch._utils', '_rebuild_tensor_v2'),
      bytes('('),
      ...storage,
      whole(0),
      tuple(shape),
      tuple(strides(shape)),
      bytes(0x89), // requires_grad: False
      orderedDict, // no backward hooks
      bytes('tR'),
    )
  }
  parts.push(bytes('u.'))
  return Buffer.concat(parts)
}

const bytes = (...parts: (number | string)[]) =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part, 'latin1'))),
  )

const global = (module: string, name: string) => bytes(`c${module}\n${name}\n`)
const orderedDict = bytes('ccollections\nOrderedDict\n)R')

/** BINUNICODE. */
function text(content: string): Uint8Array {
  const utf8 = Buffer.from(content, 'utf8')
  const head = Buffer.alloc(5)
  head.write('X')
  head.writeUInt32LE(utf8.length, 1)
  return Buffer.concat([head, utf8])
}

/** BININT1, BININT or LONG1, whichever is the shortest that holds it. */
function whole(n: number): Uint8Array {
  if (n < 0x100) return bytes('K', n)
  const out = Buffer.alloc(n <= 0x7fffffff ? 5 : 10)
  if (n <= 0x7fffffff) {
    out.write('J')
    out.writeInt32LE(n, 1)
  } else {
    out.set([0x8a, 8])
    out.writeBigInt64LE(BigInt(n), 2)
  }
  return out
}

const tuple = (items: readonly number[]) => Buffer.concat([bytes('('), ...items.map(whole), bytes('t')])

const strides = (shape: readonly number[]) =>
  shape.map((_, d) => shape.slice(d + 1).reduce((product, size) => product * size, 1))
