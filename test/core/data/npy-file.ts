/** What numpy.save writes. */
export function npyFile(
  descr: string,
  shape: readonly number[],
  data: Uint8Array,
  order: 'True' | 'False' = 'False',
): Buffer {
  const header =
    `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape.join(', ')},), }`.padEnd(117) + '\n'
  return Buffer.concat([
    Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]),
    Buffer.from(header),
    data,
  ])
}
