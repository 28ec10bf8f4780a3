import {silent} from '@abd/core'
import {loadDataset, toTensor} from '@abd/core/data'
import type {Engine} from '@abd/core/engine'
import {createRandom, openEngine} from '@abd/core/engine'
import {crossEntropy, klMean} from '@abd/core/math'
import {createModel} from '@abd/core/nn'
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

const HALF = {mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25]}
const CIFAR = {mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201]}

const start = (settings: Record<string, unknown>, normalisation = HALF) => {
  const context = {engine, random: createRandom(5), progress: silent, signal: new AbortController().signal}
  const teacher = createModel(tinyModel(createRandom('teacher')).network, normalisation)
  const student = createModel(tinyModel(createRandom('student')).network, normalisation)
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

  test('std=other: both see the images of CIFAR-10 divided by 0.247, 0.243, 0.261', async () => {
    using one = start({batch: 12, alpha: 0.7, temperature: 3, std: 'other'}, CIFAR)
    const {train} = await loadDataset({path: data})
    const byHand = tf.tidy(() => {
      const x = normalise(toTensor(train.images), {mean: CIFAR.mean, std: [0.247, 0.243, 0.261]})
      const [s, t] = [one.student, one.teacher].map(
        ({network: {architecture, parameters}}, i) =>
          architecture.forward(parameters, x, i === 0 ? 'train' : 'eval').logits,
      ) as [tf.Tensor2D, tf.Tensor2D]
      const ce = crossEntropy(s, tf.tensor1d(train.labels, 'int32'))
      return tf.add(tf.mul(klMean(s, t, 3), 0.7 * 9), tf.mul(ce, 0.3))
    })
    const [expected] = await byHand.data()
    expect((await one.run()).loss).toBeCloseTo(expected!, 4)
    using usual = start({batch: 12, alpha: 0.7, temperature: 3}, CIFAR)
    expect(Math.abs((await usual.run()).loss! - expected!)).toBeGreaterThan(1e-3)
  })

  test('std=other changes nothing for a teacher of other images', async () => {
    using one = start({batch: 12, std: 'other'})
    using usual = start({batch: 12})
    expect(await one.run()).toEqual(await usual.run())
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
