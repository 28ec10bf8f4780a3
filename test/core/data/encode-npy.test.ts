import {expect, it} from 'vitest'
import {encodeNpy} from '../../../src/data/encode-npy.ts'
import {parseNpy} from '../../../src/data/parse-npy.ts'

it.each([
  [[2, 3], Uint8Array.of(0, 1, 2, 253, 254, 255), "'|u1'"],
  [[3], Int32Array.of(-1, 0, 2_000_000_000), "'<i4'"],
  [[2], BigInt64Array.of(-5n, 9_000_000_000n), "'<i8'"],
  [[0], new Int32Array(), "'<i4'"],
])('an array of %j is read again as it was', (shape, data, type) => {
  const bytes = Buffer.concat(encodeNpy(shape, data))
  const read = parseNpy(bytes, 'x')

  expect(read.shape).toEqual(shape)
  expect([...read.data]).toEqual(Array.from<number | bigint, number>(data, Number))
  expect(bytes.toString('latin1')).toContain(type)
})

it('begins its numbers at a multiple of 64 bytes, after a line break, as NumPy does', () => {
  const [header] = encodeNpy([1000, 32, 32, 3], new Uint8Array())

  expect(header.length % 64).toBe(0)
  expect(header.at(-1)).toBe(10)
  expect(new DataView(header.buffer, header.byteOffset).getUint16(8, true)).toBe(header.length - 10)
})
