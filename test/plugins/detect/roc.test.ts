import {describe, expect, test} from 'vitest'
import {aurocInterval, binomialInterval} from '../../../plugins/detect/src/bench/intervals.ts'
import {auroc, foundAt, rocPoints} from '../../../plugins/detect/src/bench/roc.ts'

describe('the area under the ROC curve', () => {
  const scores = {poisoned: [0.9, 0.8, 0.5], clean: [0.5, 0.5, 0.2, 0.1]}

  test('is the share of pairs in the right order, ties counting half', () => {
    // Of 12 pairs 4 + 4 are in order with 0.9 and 0.8; 0.5 beats two and ties with two.
    expect(auroc(scores)).toBeCloseTo(11 / 12, 12)
    expect(auroc({poisoned: [1], clean: [0]})).toBe(1)
    expect(auroc({poisoned: [], clean: [0]})).toBeNaN()
  })

  test('the curve goes up where a poisoned model is found', () => {
    expect(rocPoints(scores)).toEqual([
      {falsePositives: 0, truePositives: 0},
      {falsePositives: 0, truePositives: 1 / 3},
      {falsePositives: 0, truePositives: 2 / 3},
      {falsePositives: 0.5, truePositives: 1},
      {falsePositives: 0.75, truePositives: 1},
      {falsePositives: 1, truePositives: 1},
    ])
    expect(foundAt(scores, 0.05)).toBe(2)
    expect(foundAt(scores, 0.5)).toBe(3)
  })
})

describe('intervals', () => {
  test("Clopper and Pearson's, of a table", () => {
    // 0 of n has a closed form: 1 − 0.025^(1/n).
    expect(binomialInterval(0, 11)).toEqual([0, expect.closeTo(1 - 0.025 ** (1 / 11), 9)])
    expect(binomialInterval(11, 11)).toEqual([expect.closeTo(0.025 ** (1 / 11), 9), 1])
    const [low, high] = binomialInterval(8, 11)
    expect(low).toBeCloseTo(0.3903, 4)
    expect(high).toBeCloseTo(0.9398, 4)
  })

  test("Newcombe's ends are where the observed area is as far away as its own standard error allows", () => {
    const [m, n, area] = [11, 11, 0.9]
    const half = (m + n) / 2 - 1
    const error = (t: number) =>
      Math.sqrt((t * (1 - t) * (1 + (half * (1 - t)) / (2 - t) + (half * t) / (1 + t))) / (m * n))
    for (const end of aurocInterval(area, m, n))
      expect(Math.abs(area - end)).toBeCloseTo(1.959964 * error(end), 9)
  })

  test('they do not shrink to a point where all models are told apart', () => {
    const [low, high] = aurocInterval(1, 11, 11)
    expect(high).toBe(1)
    expect(low).toBeGreaterThan(0.6)
    expect(low).toBeLessThan(0.9)
    expect(aurocInterval(0, 5, 5)[0]).toBe(0)
  })
})
