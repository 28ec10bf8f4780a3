import {planOf} from '../../../src/audit/plan.ts'
import {planWithin, secondsOf} from '../../../src/audit/plan-within.ts'
import {describe, expect, it} from 'vitest'

const ordinary = {
  engine: 'tensorflow',
  classes: 10,
  pace: {teacher: 0.02, student: 0.02},
} as const

describe('planWithin', () => {
  it('takes the largest profile that will be done in time', () => {
    expect(planWithin(7200, ordinary)).toEqual(planOf('deep'))
    expect(planWithin(600, ordinary)).toEqual(planOf('standard'))
    expect(planWithin(90, ordinary)).toEqual(planOf('quick'))
  })

  it('expects a wide network, many classes and a slow machine to take longer', () => {
    const usual = secondsOf('standard', ordinary)!
    const wide = {...ordinary, pace: {teacher: 0.06, student: 0.02}}
    expect(secondsOf('standard', wide)! - usual).toBeCloseTo(
      2 * (usual - secondsOf('standard', {...ordinary, pace: {teacher: 0, student: 0.02}})!),
      6,
    )
    expect(secondsOf('standard', {...ordinary, classes: 43})).toBeGreaterThan(usual)
    // Twice as slow in all: twice as long, and the next smaller profile.
    const slow = {...ordinary, pace: {teacher: 0.04, student: 0.04}}
    expect(secondsOf('standard', slow)).toBeCloseTo(2 * usual, 6)
    expect(planWithin(usual, ordinary).profile).toBe('standard')
    expect(planWithin(usual, slow).profile).toBe('quick')
  })

  it('refuses what nothing fits in, and says what would', () => {
    expect(() => planWithin(1, ordinary)).toThrow(/No plan fits 1 s: the shortest will take about \d+ s/)
    expect(() => planWithin(1, {...ordinary, engine: 'wasm'})).toThrow("on the engine 'wasm'")
  })

  it('knows no students on wasm', () => {
    expect(planWithin(1e6, {...ordinary, engine: 'wasm'}).transfer).toBeNull()
    expect(secondsOf('standard', {...ordinary, engine: 'wasm'})).toBeUndefined()
  })
})
