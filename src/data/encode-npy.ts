/**
 * What numpy.save writes of an array in row-major order: uint8, int32 or int64, by its type. The pieces follow each
 * other.
 */
export function encodeNpy(
  shape: readonly number[],
  data: Uint8Array | Int32Array | BigInt64Array,
): readonly [Uint8Array, Uint8Array] {
  const type = data instanceof Uint8Array ? '|u1' : data instanceof Int32Array ? '<i4' : '<i8'
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sizes}), }`
  // The numbers begin at a multiple of 64 bytes, after a line break.
  const length = Math.ceil((MAGIC.length + 2 + text.length + 1) / 64) * 64 - MAGIC.length - 2
  const header = Buffer.alloc(MAGIC.length + 2 + length, ' ')
  MAGIC.copy(header)
  header.writeUInt16LE(length, MAGIC.length)
  header.write(text, MAGIC.length + 2, 'latin1')
  header.write('\n', header.length - 1)
  return [header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]
}

/** Version 1.0. */
const MAGIC = Buffer.from('\x93NUMPY\x01\x00', 'latin1')
