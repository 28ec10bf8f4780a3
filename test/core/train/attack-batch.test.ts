import {createRandom, openEngine} from '@abd/core/engine'
import {crossEntropy} from '@abd/core/math'
import {tinyModel} from '@abd/core/testing'
import * as tf from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, test} from 'vitest'
import {attackBatch, randomStart} from '../../../src/train/attack-batch.ts'

beforeAll(async () => {
  await openEngine('auto')
})

describe('attackBatch', () => {
  test('takes the signed step of the paper, cut off at the radius and at what a pixel can be', async () => {
    // The loss grows with the first three pixels and falls with the last; alpha is 0.125, epsilon 0.1.
    const x = tf.tensor4d([0.5, 0.5, 0.95, 0.5], [1, 2, 2, 1])
    const slope = tf.tensor4d([2, 1, 1, -3], [1, 2, 2, 1])
    const start = tf.tensor4d([-0.06, 0, 0.05, 0.01], [1, 2, 2, 1])
    const moved = attackBatch((at) => tf.sum(tf.mul(at, slope)), {x, start, radius: 0.1})
    // -0.06 + 0.125; 0.125, of which 0.1 may stay; 1 is the brightest; 0.01 - 0.125, of which -0.1.
    const values = [...(await moved.data())]
    ;[0.565, 0.6, 1, 0.4].forEach((wanted, i) => expect(values[i]).toBeCloseTo(wanted, 6))
  })

  test('stays within the radius and [0, 1], and makes the loss of a network larger', async () => {
    using model = tinyModel(createRandom('fresh'))
    const radius = 8 / 255
    const [labels, x] = [
      tf.tensor1d([0, 1, 2, 0, 1, 2], 'int32'),
      createRandom(2).uniformTensor<tf.Tensor4D>([6, 8, 8, 3]),
    ]
    const lossOf = (at: tf.Tensor4D) => crossEntropy(model.logits(at), labels)
    const start = randomStart(x.shape, radius, createRandom(3))
    const moved = attackBatch(lossOf, {x, start, radius})
    const distance = (await tf.max(tf.abs(tf.sub(moved, x))).data())[0]!
    expect(distance).toBeGreaterThan(0.9 * radius)
    expect(distance).toBeLessThanOrEqual(radius + 1e-6)
    expect((await tf.min(moved).data())[0]).toBeGreaterThanOrEqual(0)
    expect((await tf.max(moved).data())[0]).toBeLessThanOrEqual(1)
    const losses = [x, tf.add<tf.Tensor4D>(x, start), moved].map(lossOf)
    const [before, random, after] = await Promise.all(losses.map(async (loss) => (await loss.data())[0]!))
    expect(after).toBeGreaterThan(before!)
    expect(after).toBeGreaterThan(random!)
  })
})
