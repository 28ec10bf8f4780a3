import {createRandom, openEngine} from '@abd/core/engine'
import {createNetwork, wideResNet} from '@abd/core/nn'
import * as tf from '@tensorflow/tfjs-core'
import {beforeAll, expect, test} from 'vitest'
import {applyMomentsInTurn} from '../../../src/nn/apply-moments.ts'

beforeAll(async () => {
  await openEngine('cpu')
})

test('passes that started from the same statistics are applied as if one after the other', async () => {
  using network = createNetwork(wideResNet({depth: 10, width: 1, classes: 2}), createRandom(1))
  const name = [...network.parameters.keys()].find((each) => each.endsWith('running_var'))!
  const statistic = network.parameters.get(name)! // starts at 1
  // 0.9 · 1 + 0.1 μ for μ = 2, 3, 4
  const passes = [1.1, 1.2, 1.3].map((value) => new Map([[name, tf.fill(statistic.shape, value)]]))
  applyMomentsInTurn(network, passes)
  // 0.9 · 1 + 0.1 · 2 = 1.1, 0.9 · 1.1 + 0.1 · 3 = 1.29, 0.9 · 1.29 + 0.1 · 4 = 1.561
  expect((await statistic.data())[0]).toBeCloseTo(1.561, 5)
})
