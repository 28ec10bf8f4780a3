import protobuf from 'protobufjs/minimal.js'
import {AbdError, environmentError} from '../../errors.ts'
import type {ParsedFile} from '../reader.ts'

/** One field of a protobuf message. `start` to `end`: its payload, counted from where the message's bytes are counted. */
export interface Field {
  readonly number: number
  /** 0 varint, 1 eight bytes, 2 bytes of a length, 5 four bytes. */
  readonly wire: number
  readonly start: number
  readonly end: number
  /** Of a varint. Beyond 2^53 it is not exact. */
  readonly value: number
}

export const brokenOnnx = (path: string, why: string) =>
  environmentError({
    code: 'E_ONNX',
    message: `${path} is a broken ONNX file: ${why}.`,
    hints: ['Export it again, or fetch it again from its source.'],
  })

/** Tag and length take at most this much. */
const HEAD = 24

/** The fields of a message in the file, one small read each: what they hold is not read. */
export async function* fieldsOf(
  file: ParsedFile,
  start: number,
  end: number,
): AsyncGenerator<Field, undefined> {
  for (let at = start; at < end;) {
    const head = await file.read(at, Math.min(HEAD, end - at))
    const field = readField(file.path, head, 0, end - at)
    yield {...field, start: at + field.start, end: at + field.end}
    at += field.end
  }
  return undefined
}

/** The fields of a message that is in memory. */
export function fieldsIn(path: string, bytes: Uint8Array): Field[] {
  const fields: Field[] = []
  for (let at = 0; at < bytes.length;) {
    const field = readField(path, bytes, at, bytes.length)
    fields.push(field)
    at = field.end
  }
  return fields
}

/** `limit`: where the message ends; a payload may lie beyond the bytes that were given. */
function readField(path: string, bytes: Uint8Array, at: number, limit: number): Field {
  try {
    const reader = protobuf.Reader.create(bytes)
    reader.pos = at
    const tag = reader.uint32()
    const [number, wire] = [tag >>> 3, tag & 7]
    if (number === 0) throw brokenOnnx(path, 'a field has the number 0')
    let value = 0
    let length = 0
    if (wire === 0) value = whole(reader.int64())
    else if (wire === 1) length = 8
    else if (wire === 2) length = whole(reader.uint64())
    else if (wire === 5) length = 4
    else throw brokenOnnx(path, `a field has the wire type ${wire}`)
    const start = reader.pos
    if (!(length >= 0 && start + length <= limit))
      throw brokenOnnx(path, `field ${number} has ${length} bytes, more than its message`)
    return {number, wire, start, end: start + length, value}
  } catch (error) {
    throw error instanceof AbdError ? error : brokenOnnx(path, 'a field is cut off')
  }
}

/** protobufjs gives 64 bits as a Long where that package is there, else as a number. */
const whole = (value: unknown) =>
  typeof value === 'number' ? value : (value as {toNumber(): number}).toNumber()

/** Packed or single varints. */
export function varints(path: string, bytes: Uint8Array): number[] {
  const reader = protobuf.Reader.create(bytes)
  const out: number[] = []
  try {
    while (reader.pos < reader.len) out.push(whole(reader.int64()))
  } catch (error) {
    throw error instanceof AbdError ? error : brokenOnnx(path, 'a list of numbers is cut off')
  }
  return out
}

export const text = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')

export function floats(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Array.from({length: bytes.length >> 2}, (_, i) => view.getFloat32(4 * i, true))
}
