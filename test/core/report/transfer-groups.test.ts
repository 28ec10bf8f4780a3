import {describe, expect, it} from 'vitest'
import type {Transfer} from '../../../src/audit/report-schema.ts'
import {strengthOf} from '../../../src/audit/strength-of.ts'
import {thresholds} from '../../../src/report/thresholds.ts'
import {studentName, transferGroups} from '../../../src/report/transfer-groups.ts'
import {fixtures} from '../../fixtures/reports/index.ts'

const row = (over: Partial<Transfer>): Transfer => ({
  distiller: 'ood',
  defence: null,
  trigger: 'a',
  target: 0,
  teacherAsr: 0.9,
  studentAsr: 0.8,
  controlAsr: 0.05,
  studentAccuracy: null,
  agreement: null,
  ...over,
})

describe('transfer', () => {
  it('compares each defence with the vanilla student of the same trigger', () => {
    const [group] = transferGroups([row({defence: 'abd', studentAsr: 0.2}), row({})])

    expect(group?.students.map(studentName)).toEqual(['vanilla', 'with ABD'])
    // 1 − 0.2 / 0.8
    expect(group?.students.map(({reduction}) => reduction)).toEqual([null, 0.75])
  })

  it('puts the trigger that crossed most first', () => {
    const groups = transferGroups([
      row({}),
      row({trigger: 'b', studentAsr: 0.95}),
      row({trigger: 'c', studentAsr: 0.1}),
    ])
    expect(groups.map(({trigger}) => trigger)).toEqual(['b', 'a', 'c'])
  })

  it('claims no reduction where there was nothing to reduce', () => {
    const [alone] = transferGroups([row({defence: 'abd'})])
    const [harmless] = transferGroups([row({studentAsr: 0.09}), row({defence: 'abd', studentAsr: 0.01})])

    expect(alone?.students[0]?.reduction).toBeNull()
    expect(harmless?.students[1]?.reduction).toBeNull()
  })

  it('says where the students obey into different classes', () => {
    expect(transferGroups([row({}), row({defence: 'abd'})])[0]?.target).toBe(0)
    const [other] = transferGroups([row({}), row({defence: 'abd', target: 4, studentAsr: 0.2})])
    expect(other?.target).toBeNull()
    expect(other?.students[1]?.reduction).toBeNull()
  })

  it('takes a defence by its own name where it has no other', () => {
    expect(studentName({defence: 'shuffling_vaccine'})).toBe('with ABD (Shuffling Vaccine)')
    expect(studentName({defence: 'constructor'})).toBe('with constructor')
  })
})

describe('a demonstration', () => {
  const policy = thresholds({policy: {source: 'defaults', values: {}}})

  it.each([
    ['works', {asr: 0.97, controlAsr: 0.03, on: 'teacher'}],
    ['partly', {asr: 0.6, controlAsr: 0.1, on: 'student'}],
    // 0.9 − 0.6 is less than the margin of 0.4
    ['weak', {asr: 0.9, controlAsr: 0.6, on: 'teacher'}],
    ['weak', {asr: 0.45, controlAsr: 0, on: 'teacher'}],
    // Enough images, but no more than on some clean model; a part of them, but no more than on most.
    ['partly', {asr: 0.9, controlAsr: 0.1, on: 'teacher', origin: 'probe', clean: {usual: 0.6, most: 0.9}}],
    ['weak', {asr: 0.6, controlAsr: 0.1, on: 'teacher', origin: 'probe', clean: {usual: 0.6, most: 0.9}}],
  ] as const)('%s', (strength, one) => {
    expect(strengthOf(one, policy)).toBe(strength)
  })

  it('is judged by the policy that the report states', () => {
    const strict = thresholds({
      policy: {source: 'abd.policy.yml', values: {demonstration: {asr: 0.3, margin: 0.1}}},
    })
    expect(strengthOf({asr: 0.35, controlAsr: 0.1, on: 'teacher'}, strict)).toBe('works')
    expect(thresholds(fixtures.hostile)).toEqual(policy)
  })
})
