import {constantSchedule, cosineSchedule, stepSchedule} from '@abd/core/math'
import {describe, expect, test} from 'vitest'
import {expectClose} from './golden.ts'

describe('G11: schedules', () => {
  test('cosine over 80 000 batches', () => {
    const schedule = cosineSchedule(2e-3, 80_000)
    expect(schedule(0)).toBe(2e-3)
    expectClose([schedule(1), schedule(40_000)], [0.001999999999228937, 0.001], 1e-12, {each: true})
    expectClose([schedule(79_999)], [7.7106e-13], 1e-4)
  })

  test('OOD distillation halves at epoch 150', () => {
    const schedule = stepSchedule(1e-3, [150, 300, 600])
    expect([0, 149, 150, 299, 300].map(schedule)).toEqual([1e-3, 1e-3, 5e-4, 5e-4, 2.5e-4])
  })

  test('constant', () => {
    expect([0, 10].map(constantSchedule(0.1))).toEqual([0.1, 0.1])
  })
})
