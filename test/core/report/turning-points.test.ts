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
  it('says what would end a block by statistics, and what would make one', () => {
    expect(turningPoints(ranked(0.0098, 101))[0]).toMatch(
      /above 0.050 they would be no ground for a review; above 0.010 they would not block/,
    )
    expect(turningPoints(ranked(0.03, 101))[0]).toMatch(/at 0.010 or below it would block/)
  })

  it('says what a trigger that works would have to do less', () => {
    expect(turningPoints(withTrigger(0.9, 0.1))[0]).toBe(
      'The trigger furthest beyond its controls moves 90.0 % of images on the teacher, those 10.0 %. Below 70 %, or less than 40 points beyond its controls, none like it would block.',
    )
  })

  it('says how far a weaker one is from either verdict', () => {
    expect(turningPoints(withTrigger(0.6, 0.1))[0]).toMatch(
      /From 70 % on it would block; below 50 %, .* no ground for a review/,
    )
    expect(turningPoints(withTrigger(0.9, 0.6))[0]).toMatch(/From 50 % on, and 40 points beyond/)
  })

  it('knows how far clean models are moved by probes', () => {
    const probe = (asr: number): Report => {
      const report = withTrigger(asr, 0.1)
      const clean = {usual: 0.6, most: 0.833}
      return {...report, demonstrations: [{...report.demonstrations[0]!, origin: 'probe', clean}]}
    }
    const moved = 'Clean models are moved as far by such triggers.'
    expect(turningPoints(probe(0.87))[0]).toMatch(
      /At 83.3 % or less, or less than 40 points .*, none like it would block\. /,
    )
    expect(turningPoints(probe(0.87))[0]).toContain(moved)
    // Enough for a block, were there not a clean model that is moved as far.
    expect(turningPoints(probe(0.8))[0]).toMatch(
      /Above 83.3 % it would block; at 60 % or less, or less than 40 points .*, it would be no ground for a review\. /,
    )
    expect(turningPoints(probe(0.3))[0]).toMatch(
      /Above 60 %, and 40 points .*, it would ask for a review, above 83.3 % it would block\. /,
    )
  })

  it('knows that a wave cannot block by a calibration that does not know waves', () => {
    const wave = (asr: number): Report => {
      const report = withTrigger(asr, 0.1)
      return {...report, demonstrations: [{...report.demonstrations[0]!, origin: 'wave'}]}
    }
    expect(turningPoints(wave(0.9))[0]).toMatch(
      /Below 50 %, or less than 40 points .* no ground for a review; by a calibration that has wave_probes it might block\.$/,
    )
    expect(turningPoints(wave(0.3))[0]).toMatch(/From 50 % on, and 40 points .* it cannot block\.$/)
  })

  it('knows how far beyond their controls clean models are moved by published triggers over the whole image', () => {
    const sig = (asr: number): Report => {
      const report = withTrigger(asr, 0.1)
      const clean = {usual: 0.45, most: 0.6}
      return {...report, demonstrations: [{...report.demonstrations[0]!, clean}]}
    }
    expect(turningPoints(sig(0.8))[0]).toMatch(/Below 70 %, or no more than 60 points .*, none like it would/)
    expect(turningPoints(sig(0.7))[0]).toMatch(
      /From 70 % on, and more than 60 points .*, it would block; below 50 %, or less than 40 points/,
    )
    expect(turningPoints(sig(0.5))[0]).toMatch(/From 50 % on, and more than 45 points .* ask for a review/)
  })

  it('speaks of the trigger that the verdict rests on, be it not the one furthest beyond its controls', () => {
    const probe = {...withTrigger(0.8, 0).demonstrations[0]!, origin: 'probe', trigger: 'red'} as const
    const report = withTrigger(0.75, 0.1)
    const [known] = report.demonstrations
    const both = {...report, demonstrations: [{...probe, clean: {usual: 0.6, most: 0.9}}, known!]}
    expect(turningPoints(both)[0]).toMatch(
      /^Of the triggers that work the one furthest beyond its controls moves 75.0 % .* Below 70 %/,
    )
  })

  it('says where a review rests on something else', () => {
    const other = /rests neither on a trigger nor on ranked statistics/
    expect(turningPoints({...withTrigger(0, 0), verdict: 'review'})[0]).toMatch(other)
    expect(turningPoints({...withTrigger(0.6, 0), verdict: 'review'})[0]).not.toMatch(other)
    expect(turningPoints({...ranked(0.04, 77), verdict: 'review'})[0]).not.toMatch(other)
    expect(turningPoints({...ranked(0.2, 77), verdict: 'review'})[0]).toMatch(other)
    expect(turningPoints({...ranked(0.2, 77), verdict: 'pass'})[0]).not.toMatch(other)
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
