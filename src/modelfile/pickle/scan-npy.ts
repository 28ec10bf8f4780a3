import type {PickleContext} from './machine.ts'
import {beginsLikePickle} from './begins-like-pickle.ts'
import {scanPickle} from './scan-pickle.ts'
import {isWholePickle} from './survey-pickle.ts'

/** An array of Python objects is a pickle after its header; numpy.load(allow_pickle=True) would load it. */
export function scanNpy(bytes: Uint8Array, offset: number | null, context: PickleContext): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (buffer.length < 12 || buffer.toString('latin1', 0, 6) !== '\u0093NUMPY') return
  const long = buffer[6]! >= 2
  const start = long ? 12 : 10
  const end = start + (long ? buffer.readUInt32LE(8) : buffer.readUInt16LE(8))
  if (end > buffer.length) return
  const rest = bytes.subarray(end)
  if (!isPlain(buffer.toString('latin1', start, end)) && (beginsLikePickle(rest) || isWholePickle(rest)))
    scanPickle(rest, offset === null ? null : offset + end, context)
}

/**
 * As NumPy writes the header of an array of numbers or text. The header is a Python literal, in which objects can be written in
 * many ways ('O', "|O", 'object', a field of a field): whatever is not plain is taken for them.
 */
const isPlain = (header: string): boolean =>
  /^\{'descr': '[<>|=][biufcSUmM]\d+(\[\w+\])?', 'fortran_order': (True|False), 'shape': \([\d, ]*\), \}\s*$/.test(
    header,
  )
