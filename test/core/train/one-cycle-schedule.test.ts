import {oneCycleSchedule} from '@abd/core/train'
import {expect, test} from 'vitest'

test('rises from a twenty-fifth to the peak over three tenths, then falls to almost nothing', () => {
  const rate = oneCycleSchedule(0.1, 100)
  expect(rate(0)).toBeCloseTo(0.004, 12) // 0.1 / 25
  // Half way up, at step 14.5 of 29: the mean of 0.004 and 0.1.
  expect((rate(14) + rate(15)) / 2).toBeCloseTo(0.052, 12)
  expect(rate(29)).toBeCloseTo(0.1, 12)
  // Half way down, at step 64 of 29 … 99: the mean of 0.1 and 0.004 / 10⁴.
  expect(rate(64)).toBeCloseTo(0.0500002, 12)
  expect(rate(99)).toBeCloseTo(4e-7, 15)
})

test.each([1, 2, 3, 4, 7])('is finite and positive at every one of %i steps', (total) => {
  const rate = oneCycleSchedule(1, total)
  for (let step = 0; step < total; step++)
    expect(rate(step)).toSatisfy((value: number) => value > 0 && value <= 1)
})
