import {expect, it} from 'vitest'
import {sideBySide} from '../../../src/data/side-by-side.ts'

it('puts the rows of two images beside each other', () => {
  const image = (data: number[]) => ({
    count: 1,
    height: 2,
    width: 1,
    channels: 2,
    data: Uint8Array.from(data),
  })

  expect(sideBySide(image([1, 2, 3, 4]), image([5, 6, 7, 8]))).toEqual({
    count: 1,
    height: 2,
    width: 2,
    channels: 2,
    data: Uint8Array.from([1, 2, 5, 6, 3, 4, 7, 8]),
  })
})
