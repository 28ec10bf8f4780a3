import {describe, expect, it} from 'vitest'
import {checkedImages, checkedSplit} from '../../../src/data/data-files.ts'
import {parseNpy} from '../../../src/data/parse-npy.ts'

const images = (count: number, height = 2) => ({
  count,
  height,
  width: 2,
  channels: 1,
  data: new Uint8Array(count * height * 2),
})

describe('images and labels from files', () => {
  it('have labels that are class numbers', () => {
    expect([...checkedSplit('set', images(2), [0, 999_999]).labels!]).toEqual([0, 999_999])
    for (const label of [-1, 1e6, 2 ** 32, Number.NaN])
      expect(() => checkedSplit('set', images(1), [label])).toThrow(`set has a label of ${label}`)
  })

  it('are at least one, of at least one pixel', () => {
    expect(checkedImages('set', images(1)).count).toBe(1)
    expect(() => checkedImages('set', images(0))).toThrow('set holds 0 images of 2x2x1')
    expect(() => checkedImages('set', images(3, 0))).toThrow('set holds 3 images of 0x2x1')
  })

  it('keep numbers that do not fit 32 bits: none wraps round to a class', () => {
    const header = "{'descr': '<i8', 'fortran_order': False, 'shape': (1,)}".padEnd(117) + '\n'
    const bytes = Buffer.concat([
      Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]),
      Buffer.from(header),
      new Uint8Array(BigInt64Array.of(2n ** 32n).buffer),
    ])
    expect([...parseNpy(bytes, 'labels').data]).toEqual([2 ** 32])
  })
})
