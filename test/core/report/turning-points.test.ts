import {describe, expect, it} from 'vitest'
import type {Report} from '../../../src/audit/report-schema.ts'
import {turningPoints} from '../../../src/report/turning-points.ts'
import {block} from '../../fixtures/reports/block.ts'
import {pass} from '../../fixtures/reports/pass.ts'

const withTrigger = (asr: number, controlAsr: number, on: 'teacher' | 'student' = 'teacher'): Report => ({
  ...pass,
  demonstrations: [{trigger: 'sig', origin: 'known', on, target: 0, asr, controlAsr, images: 100}],
})
const ranked = (pValue: number, models: number, applies = true): Report => ({
  ...pass,
  demonstrations: [],
  calibration: {...pass.calibration, models, applies, fused: {statistic: 1, pValue}},
})

describe('turningPoints', () => {
  it('says what a trigger that works would have to do less', () => {
    expect(turningPoints(withTrigger(0.9, 0.1))[0]).toBe(
      'The trigger furthest beyond its random controls moves 90.0 % of images on the teacher, those 10.0 %. Below 70 %, or less than 40 points beyond its random controls, none like it would block.',
    )
  })

  it('says how far a weaker one is from either verdict', () => {
    expect(turningPoints(withTrigger(0.6, 0.1))[0]).toMatch(
      /From 70 % on it would block; below 50 %, .* no ground for a review/,
    )
    expect(turningPoints(withTrigger(0.9, 0.6))[0]).toMatch(/From 50 % on, and 40 points beyond/)
  })

  it('goes by the policy in the report', () => {
    const policy = {source: 'mine', values: {transfer: {studentAsr: 0.33}}}
    expect(turningPoints({...withTrigger(0.5, 0, 'student'), policy})[0]).toContain('Below 33 %')
  })

  it('says what the statistics lack', () => {
    expect(turningPoints(ranked(0.2, 19))[0]).toBe(
      'Its statistics rank at p = 0.20 among 19 clean models: at or below 0.050 they would ask for a review; to block by it takes 99 clean models of its kind, and there are 19.',
    )
    expect(turningPoints(ranked(0.04, 120))[0]).toMatch(
      /above 0.050 .* no ground for a review; at 0.010 or below it would block/,
    )
    const related = ranked(0.02, 150)
    expect(
      turningPoints({...related, calibration: {...related.calibration, likeness: 'related'}})[0],
    ).toMatch(/no ground for a review; they would not block, since those are of other architectures/)
    expect(turningPoints(ranked(0.2, 19, false))[0]).toContain('abd detect calibrate')
  })

  it('is silent where the file alone decides, or nothing was audited', () => {
    expect(turningPoints({...block, findings: []})).toEqual([])
    expect(turningPoints({...block, verdict: 'error'})).toEqual([])
  })
})
