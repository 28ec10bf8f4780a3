import {BrokenPickle} from './broken-pickle.ts'
import {opcodes, type OpcodeName} from './opcodes.ts'

/** One instruction with its immediate argument. */
export interface Instruction {
  readonly name: OpcodeName
  readonly argument: Argument
  readonly start: number
  readonly end: number
}
export type Argument = number | bigint | string | Uint8Array | readonly [string, string] | undefined

/** Decodes the instruction at `start`. Throws BrokenPickle for an unknown one, where the bytes end, and for a bad argument. */
export function decodeAt(bytes: Uint8Array, start: number): Instruction {
  const {name, kind, cursor} = begin(bytes, start)
  const {take, read} = kinds[kind]
  return {name, argument: read(take(cursor), start), start, end: cursor.at}
}

/**
 * Where the instruction at `start` ends, whatever its argument says: Python reads numbers in more ways than decodeAt does. Throws
 * BrokenPickle for an unknown one and where the bytes end.
 */
export function skipAt(bytes: Uint8Array, start: number): Pick<Instruction, 'name' | 'end'> {
  const {name, kind, cursor} = begin(bytes, start)
  kinds[kind].take(cursor)
  return {name, end: cursor.at}
}

function begin(bytes: Uint8Array, start: number) {
  const code = bytes[start]
  if (code === undefined) throw new BrokenPickle('it ends without a STOP', start)
  const opcode = opcodes[code]
  if (!opcode) throw new BrokenPickle(`unknown opcode 0x${code.toString(16).padStart(2, '0')}`, start)
  const cursor: Cursor = {bytes, at: start + 1, start}
  return {name: opcode.name, kind: opcode.argument, cursor}
}

interface Cursor {
  readonly bytes: Uint8Array
  at: number
  readonly start: number
}

function take(cursor: Cursor, length: number): Uint8Array {
  if (!(length >= 0 && length <= cursor.bytes.length - cursor.at))
    throw new BrokenPickle(`an argument of ${length} bytes is cut off`, cursor.start)
  cursor.at += length
  return cursor.bytes.subarray(cursor.at - length, cursor.at)
}

const view = ({buffer, byteOffset, length}: Uint8Array) => new DataView(buffer, byteOffset, length)

const lossy = new TextDecoder('utf-8', {ignoreBOM: true})
const text = (bytes: Uint8Array) => lossy.decode(bytes)
/** Python 2's strings are bytes: each becomes the character of its number, so that none is lost. */
const latin = ({buffer, byteOffset, length}: Uint8Array) =>
  Buffer.from(buffer, byteOffset, length).toString('latin1')

function line(cursor: Cursor): Uint8Array {
  const end = cursor.bytes.indexOf(0x0a, cursor.at)
  if (end < 0) throw new BrokenPickle('a line is cut off', cursor.start)
  const content = take(cursor, end - cursor.at)
  cursor.at++
  return content
}

function lines2(cursor: Cursor): Uint8Array {
  const from = cursor.at
  line(cursor)
  line(cursor)
  return cursor.bytes.subarray(from, cursor.at)
}

const fixed = (length: number) => (cursor: Cursor) => take(cursor, length)
const counted1 = (cursor: Cursor) => take(cursor, take(cursor, 1)[0]!)
const counted4 = (cursor: Cursor) => take(cursor, view(take(cursor, 4)).getUint32(0, true))
const counted4signed = (cursor: Cursor) => take(cursor, view(take(cursor, 4)).getInt32(0, true))
const counted8 = (cursor: Cursor) => take(cursor, Number(view(take(cursor, 8)).getBigUint64(0, true)))

/** Longer whole numbers serve nothing in a model, and turning them into numbers takes quadratic time. */
const MAX_INTEGER_BYTES = 1024

function integer(bytes: Uint8Array, start: number): number | bigint {
  const {length} = bytes
  if (length > MAX_INTEGER_BYTES) throw new BrokenPickle(`a whole number of ${length} bytes`, start)
  if (length === 0) return 0
  const hex = Buffer.from(bytes.toReversed()).toString('hex')
  return small(BigInt.asIntN(8 * length, BigInt(`0x${hex}`)))
}

function decimal(bytes: Uint8Array, start: number): number | bigint {
  const digits = text(bytes).replace(/L$/, '')
  if (!/^\s*[+-]?\d+\s*$/.test(digits) || digits.length > MAX_INTEGER_BYTES)
    throw new BrokenPickle('not a whole number', start)
  return small(BigInt(digits.trim().replace(/^\+/, '')))
}

const small = (n: bigint) => (n >= Number.MIN_SAFE_INTEGER && n <= Number.MAX_SAFE_INTEGER ? Number(n) : n)

function float(bytes: Uint8Array, start: number): number {
  const digits = text(bytes).trim()
  if (digits === 'nan') return Number.NaN
  if (digits === 'inf' || digits === '-inf') return digits === 'inf' ? Infinity : -Infinity
  const value = Number(digits)
  if (digits === '' || Number.isNaN(value)) throw new BrokenPickle('not a number', start)
  return value
}

const oneByte = (code: number) => String.fromCharCode(code & 0xff)
const ESCAPES: Readonly<Record<string, string>> = {
  ...{n: '\n', r: '\r', t: '\t', a: '\u0007', b: '\b', f: '\f', v: '\v'},
  ...{"'": "'", '"': '"', '\\': '\\'},
}

/** A quoted Python 2 string, its escapes as Python reads them: a name must be read here as it is there. */
function quoted(bytes: Uint8Array, start: number): string {
  const content = latin(bytes).trim()
  const quote = content[0]
  if (content.length < 2 || (quote !== "'" && quote !== '"') || content.at(-1) !== quote)
    throw new BrokenPickle('a string without quotes', start)
  return content
    .slice(1, -1)
    .replace(
      /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([^]))/g,
      (all, hex?: string, octal?: string, one?: string) =>
        hex !== undefined
          ? oneByte(Number.parseInt(hex, 16))
          : octal !== undefined
            ? oneByte(Number.parseInt(octal, 8))
            : (ESCAPES[one!] ?? all),
    )
}

/** Raw-unicode-escape, as protocol 0 writes text: Latin-1, and what is beyond it by number. */
const escaped = (bytes: Uint8Array) =>
  latin(bytes).replace(
    /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|[^])/g,
    (all, short?: string, long?: string) => {
      const code = Number.parseInt(short ?? long ?? '', 16)
      return code <= 0x10ffff ? String.fromCodePoint(code) : all
    },
  )

interface Kind {
  /** The argument's bytes; the cursor is behind it then. */
  readonly take: (cursor: Cursor) => Uint8Array
  readonly read: (bytes: Uint8Array, start: number) => Argument
}
const of = (take: Kind['take'], read: Kind['read']): Kind => ({take, read})

const kinds = {
  none: of(fixed(0), () => undefined),
  uint1: of(fixed(1), ([byte]) => byte),
  uint2: of(fixed(2), (bytes) => view(bytes).getUint16(0, true)),
  int4: of(fixed(4), (bytes) => view(bytes).getInt32(0, true)),
  uint4: of(fixed(4), (bytes) => view(bytes).getUint32(0, true)),
  uint8: of(fixed(8), (bytes) => Number(view(bytes).getBigUint64(0, true))),
  float8: of(fixed(8), (bytes) => view(bytes).getFloat64(0, false)),
  long1: of(counted1, integer),
  long4: of(counted4signed, integer),
  line: of(line, text),
  lines2: of(lines2, (bytes) => text(bytes).split('\n').slice(0, 2) as [string, string]),
  decimal: of(line, decimal),
  float: of(line, float),
  quoted: of(line, quoted),
  escaped: of(line, escaped),
  text1: of(counted1, text),
  text4: of(counted4, text),
  text8: of(counted8, text),
  latin1: of(counted1, latin),
  latin4: of(counted4, latin),
  bytes1: of(counted1, (bytes) => bytes),
  bytes4: of(counted4, (bytes) => bytes),
  bytes8: of(counted8, (bytes) => bytes),
} satisfies Record<string, Kind>

export type ArgumentKind = keyof typeof kinds
