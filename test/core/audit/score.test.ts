import {scoreOf} from '../../../src/audit/score.ts'
import {describe, expect, it} from 'vitest'

describe('scoreOf', () => {
  it('is even where there is nothing to compare with', () => {
    expect(scoreOf(null, 'pass')).toBe(0.5)
  })

  it('is what a bet on the p-value gains', () => {
    // (1 − 0.05 + 0.05 · ln 0.05) / (0.05 · ln² 0.05) = 0.80021 / 0.44872 = 1.78331
    expect(scoreOf(0.05, 'review')).toBeCloseTo(1.78331 / 2.78331, 5)
    // At p = 1 the odds are the limit, a half.
    expect(scoreOf(1, 'pass')).toBeCloseTo(1 / 3, 12)
    expect(scoreOf(1 - 1e-6, 'pass')).toBeCloseTo(1 / 3, 5)
  })

  it('falls as p grows, everywhere', () => {
    const scores = Array.from({length: 1000}, (_, i) => scoreOf((i + 1) / 1000, 'pass')!)
    for (const [i, score] of scores.slice(1).entries()) expect(score).toBeLessThan(scores[i]!)
  })

  it('takes a demonstration for p = 0.0001', () => {
    expect(scoreOf(null, 'block')).toBe(scoreOf(1e-4, 'review'))
    expect(scoreOf(null, 'block')).toBeGreaterThan(0.99)
    expect(scoreOf(0.9, 'block')).toBe(scoreOf(1e-4, 'review'))
  })

  it('is nothing where nothing was audited', () => {
    expect(scoreOf(0.05, 'error')).toBeNull()
  })
})
