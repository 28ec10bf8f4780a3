import {imagesAtOnce} from '@abd/core/train'
import {expect, test} from 'vitest'

test.each([
  [28, 28, 200],
  [32, 32, 200],
  [64, 64, 200],
  [90, 91, 200],
  [128, 64, 200],
  [128, 128, 100],
  [224, 224, 32],
  [1024, 1024, 8],
])('of %i x %i pixels %i go at once', (height, width, count) => {
  expect(imagesAtOnce({height, width}, 200)).toBe(count)
})

test('never more than asked for', () => {
  expect(imagesAtOnce({height: 1024, width: 1024}, 4)).toBe(4)
})
