import * as tf from '@tensorflow/tfjs-core'
import type {Tensor2D} from '@tensorflow/tfjs-core'
import {openEngine} from '@abd/core/engine'
import {
  agreement,
  attentionLoss,
  attentionMap,
  crossEntropy,
  klBatch,
  klElements,
  klMean,
  lossAndGradients,
  shuffleDivergence,
  shuffleTail,
  suspectLoss,
  vaccineLoss,
} from '@abd/core/math'
import {beforeAll, describe, expect, test} from 'vitest'
import {expectClose, images, matrix} from './golden.ts'

beforeAll(async () => {
  await openEngine('cpu')
})

const logits = () => ({s: matrix([4, 5], 0.7, {scale: 3}), t: matrix([4, 5], 1.3, {scale: 3})})

/** The teacher's logits moved by 4 · seq(2.1): the shuffled ensemble's. */
const ensemble = (t: Tensor2D) => tf.add<Tensor2D>(t, matrix([4, 5], 2.1, {scale: 4}))

describe('G1: divergence of logits', () => {
  test.each([
    [1, 0.4422951837],
    [0.5, 1.007429314],
    [8, 0.01299083924],
  ])('the mean over N·C at temperature %d', async (temperature, expected) => {
    const {s, t} = logits()
    expectClose(await klMean(s, t, temperature).data(), [expected], 1e-5)
  })

  test('T² times the mean over N at temperature 20', async () => {
    const {s, t} = logits()
    expectClose(await klBatch(s, t, 20).data(), [4.244603818], 1e-5)
  })

  test('with cross-entropy: the loss of distillation on clean data', async () => {
    const {s, t} = logits()
    const [alpha, temperature] = [0.95, 6]
    const labels = tf.tensor1d([0, 1, 2, 3], 'int32')
    const loss = tf.add(
      tf.mul(klMean(s, t, temperature), alpha * temperature ** 2),
      tf.mul(crossEntropy(s, labels), 1 - alpha),
    )
    expectClose(await loss.data(), [0.912384094], 1e-5)
  })

  test('its gradient by the student', async () => {
    const {s, t} = logits()
    const {gradients} = lossAndGradients([s], () => klMean(s, t))
    const row = (await (gradients[0] as Tensor2D).data()).slice(0, 5)
    expectClose(row, [-0.02817530241, 0.01313490654, 0.01540500278, 0.00306841911, -0.003433026012], 1e-5)
  })
})

test('G2: attention maps and their loss', async () => {
  const a = images([2, 3, 2, 2], 0.9)
  const b = images([2, 6, 2, 2], 0.4)
  expectClose(
    await attentionMap(a).data(),
    [
      0.7072779677, 0.4833967831, 0.1105434404, 0.503850746, 0.2288429631, 0.2739010082, 0.7843540131,
      0.507343984,
    ],
    1e-5,
  )
  expectClose(await attentionLoss([a], [attentionMap(b)]).data(), [0.0491071957], 1e-5)
})

describe('G3: Shuffling Vaccine', () => {
  test('who agrees, how far the ensemble is, and R(x)', async () => {
    const {t} = logits()
    const u = ensemble(t)
    expect([...(await agreement(t, u).data())]).toEqual([1, 0, 0, 1])
    expectClose(
      await shuffleDivergence(t, u).data(),
      [0.3101531616, 0.2305350662, 0.3434691896, 0.442372059],
      1e-5,
    )
    expectClose(await vaccineLoss(t, u, 0.1).data(), [-0.03762626103], 1e-5)
  })

  test('the rule for images that are given', async () => {
    const {s, t} = logits()
    const loss = suspectLoss(klElements(s, t), agreement(t, ensemble(t)), 0.1)
    expectClose(await loss.data(), [0.4137027252], 1e-5)
  })

  test('where every row is suspicious it is ascent alone, not NaN', async () => {
    const {s, t} = logits()
    const loss = suspectLoss(klElements(s, t), tf.ones([4]), 0.1)
    // -0.1 times the mean of G1
    expectClose(await loss.data(), [-0.1 * 0.4422951837], 1e-5)
  })
})

test('G4: the tail of the shuffled divergences', () => {
  const divergences = Float64Array.from({length: 200}, (_, i) => Math.exp(0.5 * Math.sin(1.7 * (i + 1))))
  for (const i of [0, 40, 80, 120, 160]) divergences[i] = (divergences[i] ?? NaN) * 1e-4
  const tail = shuffleTail(divergences)
  expectClose([tail.mean, tail.standardDeviation], [-0.09953235344, 0.6454490769], 1e-9, {each: true})
  expect(tail).toMatchObject({count: 5, ratio: 0.025, found: true})
})
