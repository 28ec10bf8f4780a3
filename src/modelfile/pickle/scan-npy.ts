import type {PickleContext} from './machine.ts'
import {scanPickle} from './scan-pickle.ts'

/** An array of Python objects is a pickle after its header; numpy.load(allow_pickle=True) would load it. */
export function scanNpy(bytes: Uint8Array, offset: number | null, context: PickleContext): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (buffer.length < 12 || buffer.toString('latin1', 0, 6) !== '\u0093NUMPY') return
  const long = buffer[6]! >= 2
  const start = long ? 12 : 10
  const end = start + (long ? buffer.readUInt32LE(8) : buffer.readUInt16LE(8))
  if (end > buffer.length) return
  const header = buffer.toString('latin1', start, end)
  if (/'descr'\s*:\s*(?:'[|<>=]?O|\[[^\]]*'[|<>=]?O)/.test(header))
    scanPickle(bytes.subarray(end), offset === null ? null : offset + end, context)
}
