import * as tf from '@tensorflow/tfjs-core'
import type {Tensor} from '@tensorflow/tfjs-core'
import {createRandom, openEngine} from '@abd/core/engine'
import {repeatedAverage} from '@abd/core/math'
import {applyMoments, createNetwork, repeatMoments, wideResNet} from '@abd/core/nn'
import {beforeAll, describe, expect, test} from 'vitest'
import {expectClose, images} from './golden.ts'

beforeAll(async () => {
  await openEngine('auto')
})

describe('G16: k updates of running statistics by the same batch', () => {
  test('closed form: 0.9^k r + (1 - 0.9^k) μ', async () => {
    // r = 2, μ = 5: once 0.9 · 2 + 0.1 · 5 = 2.3; after 11 times 0.9^11 · 2 + (1 - 0.9^11) · 5
    const eleven = repeatedAverage(tf.scalar(2), tf.scalar(2.3), {times: 11, momentum: 0.1})
    expectClose(await eleven.data(), [0.9 ** 11 * 2 + (1 - 0.9 ** 11) * 5], 1e-6)
  })

  test('as many forward passes lead to the same', async () => {
    const architecture = wideResNet({depth: 10, width: 1, classes: 3, input: [8, 8, 3]})
    using network = createNetwork(architecture, createRandom('moments'))
    const x = images([4, 3, 8, 8], 0.013)
    const first = architecture.forward(network.parameters, x, 'train').moments
    const closed = repeatMoments(network.parameters, first, 5)
    for (let pass = 0; pass < 5; pass++)
      applyMoments(network, architecture.forward(network.parameters, x, 'train').moments)

    expect(closed.size).toBe(14)
    for (const [name, expected] of closed) {
      const actual = await (network.parameters.get(name) as Tensor).data()
      expectClose(actual, [...(await expected.data())], 1e-5)
    }
  })
})
