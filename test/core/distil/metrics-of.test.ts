import {describe, expect, it} from 'vitest'
import {distillPlugin} from '../../../plugins/distill/src/index.ts'
import {metricsOf} from '../../../src/distil/metrics-of.ts'

const measured = {accuracyPercent: 71.9, asrPercent: 96.9, losses: {loss: 0.5, generator: -0.25, odd: 3}}
const teacher = {accuracyPercent: 92.1, asrPercent: null}
const metricsFor = (name: string) =>
  metricsOf({...measured, teacher}, distillPlugin.methods.find((method) => method.name === name)!.metricNames)

describe('metricsOf', () => {
  it("takes the names of the reference's logs, and its own where that has none", () => {
    expect(metricsFor('zskt')).toEqual({
      'Eval/test_acc': 71.9,
      'Eval/test_poi_acc': 96.9,
      'Eval/teacher_test_acc': 92.1,
      'TRAIN_PSEUDO/student_total_loss': 0.5,
      'TRAIN_PSEUDO/generator_total_loss': -0.25,
      odd: 3,
    })
    expect(metricsFor('clean_kd')).toMatchObject({
      'Eval/test_acc': 71.9,
      'Eval/test_ASR': 96.9,
      train_loss: 0.5,
      teacher_accuracy: 92.1,
    })
    expect(metricsFor('ood')).toMatchObject({'test acc': 71.9, 'test asr': 96.9, 'train loss': 0.5})
    for (const name of ['cmi', 'deepinversion', 'dafl', 'dfq', 'dfad'])
      expect(metricsFor(name)).toMatchObject({'test acc': 71.9, 'test asr': 96.9, loss: 0.5})
  })

  it('has its own names for a method without any, and leaves out what was not measured', () => {
    expect(metricsOf({accuracyPercent: null, asrPercent: null, losses: {loss: 1}})).toEqual({loss: 1})
    expect(metricsOf({accuracyPercent: 0, asrPercent: 2, losses: {}})).toEqual({accuracy: 0, asr: 2})
  })
})
