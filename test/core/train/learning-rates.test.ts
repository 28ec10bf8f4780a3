import {expect, test} from 'vitest'
import {learningRates} from '../../../src/train/learning-rates.ts'

test('epoch-cosine falls between epochs, not within one', () => {
  const rate = learningRates({schedule: 'epoch-cosine', learningRate: 0.1, epochs: 4}, 3)

  expect([rate(0), rate(2)]).toEqual([0.1, 0.1])
  // 0.05 (1 + cos(π / 4)) and 0.05 (1 + cos(3 π / 4)).
  expect([rate(3), rate(5)]).toEqual([rate(3), rate(3)])
  expect(rate(3)).toBeCloseTo(0.0853553, 7)
  expect(rate(11)).toBeCloseTo(0.0146447, 7)
})

test('cosine falls with each step', () => {
  const rate = learningRates({schedule: 'cosine', learningRate: 0.1, epochs: 4}, 3)

  // The third of twelve steps: 0.05 (1 + cos(π / 4)).
  expect(rate(3)).toBeCloseTo(0.0853553, 7)
  // The fourth: 0.05 (1 + cos(π / 3)).
  expect(rate(4)).toBeCloseTo(0.075, 9)
})
