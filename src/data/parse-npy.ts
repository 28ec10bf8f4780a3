import {badData} from './data-files.ts'

export interface NpyArray {
  readonly shape: readonly number[]
  readonly data: Uint8Array | Float32Array | Float64Array
  /** Whether the numbers are floats. */
  readonly real: boolean
}

/** One array of NumPy's .npy format, little-endian numbers in row-major order. Throws E_DATA. */
export function parseNpy(bytes: Uint8Array, name: string): NpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const wrong = (why: string) =>
    badData(
      name,
      why,
      'Save it with numpy.save or numpy.savez: images as uint8 or floats, labels as integers.',
    )
  if (bytes.length < 12 || bytes[0] !== 0x93 || text(bytes.subarray(1, 6)) !== 'NUMPY')
    throw wrong('is not a NumPy array')
  const long = bytes[6]! >= 2
  const start = long ? 12 : 10
  const end = start + (long ? view.getUint32(8, true) : view.getUint16(8, true))
  const header = text(bytes.subarray(start, Math.min(end, start + 4096)))
  const type = /'descr':\s*'([<|=]?)([a-z]\d)'/.exec(header)?.[2]
  const isFortran = /'fortran_order':\s*(True|False)/.exec(header)?.[1]
  if (isFortran === 'True')
    throw badData(
      name,
      'is stored column by column (Fortran order)',
      'Save it row by row: numpy.save(FILE, numpy.ascontiguousarray(x)).',
    )
  const sizes = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1]
  if (type === undefined || sizes === undefined || isFortran === undefined)
    throw wrong(`has a header that cannot be used: ${header.trim().slice(0, 120)}`)
  const shape = sizes
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number)
  const count = shape.reduce((all, size) => all * size, 1)
  const reader = readers[type]
  if (!reader) throw wrong(`holds numbers of type ${type}`)
  if (bytes.length - end !== count * reader.bytes)
    throw wrong(
      `should hold ${count * reader.bytes} bytes of numbers (${shape.join('x')}), but holds ${bytes.length - end}`,
    )
  return {
    shape,
    data: reader.read(new DataView(view.buffer, view.byteOffset + end, count * reader.bytes), count),
    real: type.startsWith('f'),
  }
}

const text = (bytes: Uint8Array) => String.fromCharCode(...bytes)

interface Reader {
  readonly bytes: number
  read(view: DataView, count: number): NpyArray['data']
}

/** As floats, which hold larger ones than Int32Array does without wrapping round. */
const integers = (bytes: number, at: (view: DataView, offset: number) => number): Reader => ({
  bytes,
  read: (view, count) => Float64Array.from({length: count}, (_, i) => at(view, i * bytes)),
})

const readers: Readonly<Record<string, Reader>> = {
  u1: {bytes: 1, read: (view, count) => new Uint8Array(view.buffer, view.byteOffset, count)},
  b1: {bytes: 1, read: (view, count) => new Uint8Array(view.buffer, view.byteOffset, count)},
  i1: integers(1, (view, at) => view.getInt8(at)),
  u2: integers(2, (view, at) => view.getUint16(at, true)),
  i2: integers(2, (view, at) => view.getInt16(at, true)),
  u4: integers(4, (view, at) => view.getUint32(at, true)),
  i4: integers(4, (view, at) => view.getInt32(at, true)),
  u8: integers(8, (view, at) => Number(view.getBigUint64(at, true))),
  i8: integers(8, (view, at) => Number(view.getBigInt64(at, true))),
  f4: {
    bytes: 4,
    read: (view, count) => Float32Array.from({length: count}, (_, i) => view.getFloat32(i * 4, true)),
  },
  f8: {
    bytes: 8,
    read: (view, count) => Float64Array.from({length: count}, (_, i) => view.getFloat64(i * 8, true)),
  },
}
