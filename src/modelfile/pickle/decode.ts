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

/** Decodes the instruction at `start`. Throws BrokenPickle for an unknown one and where the bytes end. */
export function decodeAt(bytes: Uint8Array, start: number): Instruction {
  const code = bytes[start]
  if (code === undefined) throw new BrokenPickle('it ends without a STOP', start)
  const opcode = opcodes[code]
  if (!opcode) throw new BrokenPickle(`unknown opcode 0x${code.toString(16).padStart(2, '0')}`, start)
  const cursor = {bytes, at: start + 1, start}
  const argument = readers[opcode.argument](cursor)
  return {name: opcode.name, argument, start, end: cursor.at}
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

const view = (cursor: Cursor, length: number) => {
  const piece = take(cursor, length)
  return new DataView(piece.buffer, piece.byteOffset, length)
}

const lossy = new TextDecoder('utf-8', {ignoreBOM: true})
const text = (bytes: Uint8Array) => lossy.decode(bytes)
/** Python 2's strings are bytes: each becomes the character of its number, so that none is lost. */
const latin = ({buffer, byteOffset, length}: Uint8Array) =>
  Buffer.from(buffer, byteOffset, length).toString('latin1')

function lineBytes(cursor: Cursor): Uint8Array {
  const end = cursor.bytes.indexOf(0x0a, cursor.at)
  if (end < 0) throw new BrokenPickle('a line is cut off', cursor.start)
  const content = take(cursor, end - cursor.at)
  cursor.at++
  return content
}

const line = (cursor: Cursor): string => text(lineBytes(cursor))

const length8 = (cursor: Cursor) => Number(view(cursor, 8).getBigUint64(0, true))
const length4 = (cursor: Cursor) => view(cursor, 4).getUint32(0, true)
const length1 = (cursor: Cursor) => view(cursor, 1).getUint8(0)

/** Longer whole numbers serve nothing in a model, and turning them into numbers takes quadratic time. */
const MAX_INTEGER_BYTES = 1024

function integer(cursor: Cursor, length: number): number | bigint {
  const bytes = take(cursor, length)
  if (length > MAX_INTEGER_BYTES) throw new BrokenPickle(`a whole number of ${length} bytes`, cursor.start)
  if (length === 0) return 0
  const hex = Buffer.from(bytes.toReversed()).toString('hex')
  return small(BigInt.asIntN(8 * length, BigInt(`0x${hex}`)))
}

function decimal(cursor: Cursor): number | bigint {
  const digits = line(cursor).replace(/L$/, '')
  if (!/^\s*[+-]?\d+\s*$/.test(digits) || digits.length > MAX_INTEGER_BYTES)
    throw new BrokenPickle('not a whole number', cursor.start)
  return small(BigInt(digits.trim().replace(/^\+/, '')))
}

const small = (n: bigint) => (n >= Number.MIN_SAFE_INTEGER && n <= Number.MAX_SAFE_INTEGER ? Number(n) : n)

function float(cursor: Cursor): number {
  const digits = line(cursor).trim()
  if (digits === 'nan') return Number.NaN
  if (digits === 'inf' || digits === '-inf') return digits === 'inf' ? Infinity : -Infinity
  const value = Number(digits)
  if (digits === '' || Number.isNaN(value)) throw new BrokenPickle('not a number', cursor.start)
  return value
}

const oneByte = (code: number) => String.fromCharCode(code & 0xff)
const ESCAPES: Readonly<Record<string, string>> = {
  ...{n: '\n', r: '\r', t: '\t', a: '\u0007', b: '\b', f: '\f', v: '\v'},
  ...{"'": "'", '"': '"', '\\': '\\'},
}

/** A quoted Python 2 string, its escapes as Python reads them: a name must be read here as it is there. */
function quoted(cursor: Cursor): string {
  const content = latin(lineBytes(cursor)).trim()
  const quote = content[0]
  if (content.length < 2 || (quote !== "'" && quote !== '"') || content.at(-1) !== quote)
    throw new BrokenPickle('a string without quotes', cursor.start)
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
const escaped = (cursor: Cursor) =>
  latin(lineBytes(cursor)).replace(
    /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|[^])/g,
    (all, short?: string, long?: string) => {
      const code = Number.parseInt(short ?? long ?? '', 16)
      return code <= 0x10ffff ? String.fromCodePoint(code) : all
    },
  )

const readers = {
  none: () => undefined,
  uint1: length1,
  uint2: (c: Cursor) => view(c, 2).getUint16(0, true),
  int4: (c: Cursor) => view(c, 4).getInt32(0, true),
  uint4: length4,
  uint8: length8,
  float8: (c: Cursor) => view(c, 8).getFloat64(0, false),
  long1: (c: Cursor) => integer(c, length1(c)),
  long4: (c: Cursor) => integer(c, view(c, 4).getInt32(0, true)),
  line,
  lines2: (c: Cursor) => [line(c), line(c)] as const,
  decimal,
  float,
  quoted,
  escaped,
  text1: (c: Cursor) => text(take(c, length1(c))),
  text4: (c: Cursor) => text(take(c, length4(c))),
  text8: (c: Cursor) => text(take(c, length8(c))),
  latin1: (c: Cursor) => latin(take(c, length1(c))),
  latin4: (c: Cursor) => latin(take(c, length4(c))),
  bytes1: (c: Cursor) => take(c, length1(c)),
  bytes4: (c: Cursor) => take(c, length4(c)),
  bytes8: (c: Cursor) => take(c, length8(c)),
} satisfies Record<string, (cursor: Cursor) => Argument>

export type ArgumentKind = keyof typeof readers
