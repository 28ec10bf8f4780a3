import type {PickleContext} from './machine.ts'
import {beginsLikePickle} from './begins-like-pickle.ts'
import {scanPickle} from './scan-pickle.ts'
import {doesSomething, surveyPickle} from './survey-pickle.ts'

/**
 * An array of Python objects is a pickle after its header; numpy.load(allow_pickle=True) would load it. Returns why it cannot be
 * followed to its end, where it does something.
 */
export function scanNpy(
  bytes: Uint8Array,
  offset: number | null,
  context: PickleContext,
): string | undefined {
  const data = dataOf(bytes)
  if (!data || !mayBePickle(bytes)) return undefined
  const place = offset === null ? null : offset + data.start
  const {failure} = scanPickle(data.rest, place, context)
  return doesSomething(data.rest) ? failure : undefined
}

/** Whether an array may be one of objects; by its beginning where not `isWhole`. */
export function mayBePickle(bytes: Uint8Array, {isWhole = true} = {}): boolean {
  const data = dataOf(bytes)
  if (!data) return false
  if (data.start > bytes.length) return !isWhole
  if (!mayHoldObjects(data.header)) return false
  const {reached, imports, calls} = surveyPickle(data.rest)
  return beginsLikePickle(data.rest) || (imports && calls) || (reached === 'cut' && !isWhole)
}

interface Data {
  readonly header: string
  /** Where the header ends; beyond the bytes where these are too few. */
  readonly start: number
  readonly rest: Uint8Array
}

function dataOf(bytes: Uint8Array): Data | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (buffer.length < 12 || buffer.toString('latin1', 0, 6) !== '\u0093NUMPY') return undefined
  const long = buffer[6]! >= 2
  const from = long ? 12 : 10
  const start = from + (long ? buffer.readUInt32LE(8) : buffer.readUInt16LE(8))
  return {header: buffer.toString('latin1', from, start), start, rest: bytes.subarray(start)}
}

/** The header is a Python literal, in which objects can be written in many ways: 'O', "|O4", 'object', a field of a field, escapes. */
const mayHoldObjects = (header: string): boolean => /O|object|\\/.test(header)
