import {silent} from '@abd/core'
import {loadDataset, toTensor} from '@abd/core/data'
import type {Engine} from '@abd/core/engine'
import {createRandom, openEngine} from '@abd/core/engine'
import {crossEntropy, klMean} from '@abd/core/math'
import {tinyModel} from '@abd/core/testing'
import {distil, normalise} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, test} from 'vitest'
import {cleanKd} from '../../../plugins/distill/src/clean-kd/clean-kd.ts'
import {smallDataset} from './small-dataset.ts'

const data = smallDataset()

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('auto')
})

const start = (settings: Record<string, unknown>) => {
  const context = {engine, random: createRandom(5), progress: silent, signal: new AbortController().signal}
  const teacher = tinyModel(createRandom('teacher'))
  const student = tinyModel(createRandom('student'))
  const options = cleanKd.options.parse({data, epochs: 1, shift: 0, ...settings})
  const distiller = cleanKd.create(options, context)({teacher, student, defence: {}})
  return {
    teacher,
    student,
    distiller,
    run: (onLoss?: (loss: number) => void) =>
      distil(distiller, {context, label: 'kd', every: 1, onLosses: (_, {loss}) => onLoss?.(loss!)}),
    [Symbol.dispose]() {
      distiller[Symbol.dispose]()
      teacher[Symbol.dispose]()
      student[Symbol.dispose]()
    },
  }
}

describe('clean_kd', () => {
  test('descends on α T² KLmean + (1 - α) CE', async () => {
    using one = start({batch: 12, alpha: 0.7, temperature: 3})
    const {train} = await loadDataset({path: data})
    const byHand = tf.tidy(() => {
      const images = toTensor(train.images)
      const {architecture, parameters} = one.student.network
      const {logits} = architecture.forward(parameters, normalise(images, one.student.normalisation), 'train')
      const kl = klMean(logits, one.teacher.logits(images), 3)
      const ce = crossEntropy(logits, tf.tensor1d(train.labels, 'int32'))
      return tf.add(tf.mul(kl, 0.7 * 9), tf.mul(ce, 0.3))
    })
    const [expected] = await byHand.data()
    const losses: number[] = []
    await one.run((loss) => losses.push(loss))
    expect(losses).toHaveLength(1)
    expect(losses[0]).toBeCloseTo(expected!, 4)
  })

  test('keeps the smaller last batch: 12 images by 5 are 3 steps an epoch', async () => {
    using one = start({batch: 5, epochs: 2})
    await one.distiller.prepare!()
    expect(one.distiller.steps).toBe(6)
  })

  test('takes a share of the images', async () => {
    using one = start({batch: 2, share: 0.5})
    await one.distiller.prepare!()
    expect(one.distiller.steps).toBe(3)
  })

  test('refuses images of other classes than the teacher’s', async () => {
    using one = start({data: smallDataset(4)})
    await expect(one.distiller.prepare!()).rejects.toMatchObject({
      code: 'E_CLASSES',
      message: expect.stringMatching(/4 classes, the teacher 3/) as string,
    })
  })
})
