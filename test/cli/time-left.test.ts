import {describe, expect, it} from 'vitest'
import {createTimeLeft} from '../../cli/time-left.ts'

/** Tells after every step what is left, with steps of so many seconds. */
function estimates(seconds: readonly number[]): readonly number[] {
  let at = 0
  const timeLeft = createTimeLeft(seconds.length, () => at)
  return seconds.map((took, i) => {
    at += 1000 * took
    return timeLeft(i + 1) / 1000
  })
}

const times = (count: number, seconds: number) => Array.from({length: count}, () => seconds)

describe('time left', () => {
  it('is what the steps so far took, for those that are left', () => {
    expect(estimates(times(4, 10))).toEqual([30, 20, 10, 0])
  })

  it('follows the pace of the latest minute where the last steps are slower', () => {
    const left = estimates([...times(540, 1), ...times(60, 12)])

    expect(left[269]).toBeCloseTo(330, 0)
    // Five slow steps, a minute, later it knows.
    expect(left[545]).toBeCloseTo(54 * 12, -2)
    expect(left[570]).toBeCloseTo(29 * 12, 0)
  })

  it('is known from the first step on, and of steps longer than a minute', () => {
    expect(estimates([300, 100, 100])).toEqual([600, 100, 0])
  })

  it('is nothing before the first step', () => {
    expect(createTimeLeft(3, () => 5)(0)).toBe(0)
  })
})
