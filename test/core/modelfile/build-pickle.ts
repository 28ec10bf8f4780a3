/** Pickles put together byte by byte, as an attacker would. Each part is Python's name of the opcode in camel case. */
const raw = (...parts: (number | string | Uint8Array)[]): Buffer =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === 'number'
        ? Buffer.of(part)
        : typeof part === 'string'
          ? Buffer.from(part, 'latin1')
          : part,
    ),
  )

const uint4 = (n: number) => {
  const out = Buffer.alloc(4)
  out.writeUInt32LE(n)
  return out
}
const int4 = (n: number) => {
  const out = Buffer.alloc(4)
  out.writeInt32LE(n)
  return out
}

export const pickle = (...parts: Uint8Array[]): Buffer => raw(0x80, 2, ...parts, '.')

export const op = {
  raw,
  proto: (version: number) => raw(0x80, version),
  stop: raw('.'),
  mark: raw('('),
  none: raw('N'),
  true: raw(0x88),
  false: raw(0x89),
  int: (n: number) => raw('J', int4(n)),
  long4: (bytes: Uint8Array) => raw(0x8b, int4(bytes.length), bytes),
  float: (x: number) => {
    const out = Buffer.alloc(8)
    out.writeDoubleBE(x)
    return raw('G', out)
  },
  text: (content: string) => raw('X', uint4(Buffer.byteLength(content)), Buffer.from(content)),
  shortText: (content: string) => raw(0x8c, Buffer.byteLength(content), Buffer.from(content)),
  textOfLength: (length: number, content: string) => raw('X', uint4(length), content),
  bytes: (content: Uint8Array) => raw('B', uint4(content.length), content),
  global: (module: string, name: string) => raw('c', `${module}\n${name}\n`),
  stackGlobal: raw(0x93),
  inst: (module: string, name: string) => raw('i', `${module}\n${name}\n`),
  obj: raw('o'),
  reduce: raw('R'),
  build: raw('b'),
  newobj: raw(0x81),
  newobjEx: raw(0x92),
  ext1: (code: number) => raw(0x82, code),
  emptyTuple: raw(')'),
  tuple: raw('t'),
  tuple1: raw(0x85),
  tuple2: raw(0x86),
  emptyList: raw(']'),
  append: raw('a'),
  appends: raw('e'),
  emptyDict: raw('}'),
  setItem: raw('s'),
  setItems: raw('u'),
  pop: raw('0'),
  dup: raw('2'),
  put: (key: number) => raw('q', key),
  get: (key: number) => raw('h', key),
  memoize: raw(0x94),
  persid: raw('Q'),
}

export const tupleOf = (...items: Uint8Array[]): Buffer => raw(op.mark, ...items, op.tuple)
export const ints = (...values: number[]): Buffer => tupleOf(...values.map(op.int))
export const call = (module: string, name: string, ...args: Uint8Array[]): Buffer =>
  raw(op.global(module, name), tupleOf(...args), op.reduce)

/** `os.system('id')` under another name. */
export const osSystem = call('os', 'system', op.text('id'))

export const dictOf = (entries: Readonly<Record<string, Uint8Array>>): Buffer =>
  raw(
    op.emptyDict,
    op.mark,
    ...Object.entries(entries).flatMap(([name, value]) => [op.text(name), value]),
    op.setItems,
  )

export const orderedDict = call('collections', 'OrderedDict')

interface TensorParts {
  readonly type?: string
  readonly key?: string
  readonly count: number
  readonly offset?: number
  readonly size: readonly number[]
  readonly stride: readonly number[]
}

export const storage = (type: string, key: string, count: number): Buffer =>
  raw(
    tupleOf(op.text('storage'), op.global('torch', type), op.text(key), op.text('cpu'), op.int(count)),
    op.persid,
  )

export const tensor = ({
  type = 'FloatStorage',
  key = '0',
  count,
  offset = 0,
  size,
  stride,
}: TensorParts): Buffer =>
  call(
    'torch._utils',
    '_rebuild_tensor_v2',
    storage(type, key, count),
    op.int(offset),
    ints(...size),
    ints(...stride),
    op.false,
    orderedDict,
  )
