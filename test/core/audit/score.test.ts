import {scoreOf} from '../../../src/audit/score.ts'
import {describe, expect, it} from 'vitest'

describe('scoreOf', () => {
  it('is even where nothing speaks for a backdoor', () => {
    expect(scoreOf(null, 'pass')).toBe(0.5)
    expect(scoreOf(1, 'pass')).toBe(0.5)
  })

  it('is what a p-value can support at most', () => {
    // Odds 1 / (e · 0.05 · ln 20) = 2.456, so 0.711.
    expect(scoreOf(0.05, 'review')).toBeCloseTo(0.711, 3)
    // A demonstration counts as p = 0.001: odds 1 / (e · 0.001 · ln 1000) = 53.3.
    expect(scoreOf(null, 'block')).toBeCloseTo(0.982, 3)
  })

  it('is nothing where nothing was audited', () => {
    expect(scoreOf(0.05, 'error')).toBeNull()
  })
})
