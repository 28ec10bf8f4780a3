import * as tf from '@tensorflow/tfjs-core'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {batchNormOutlier} from '../../../plugins/detect/src/detectors/batch-norm-outlier.ts'
import {channelLipschitz} from '../../../plugins/detect/src/detectors/channel-lipschitz.ts'
import {channelBounds} from '../../../plugins/detect/src/weights/channel-lipschitz.ts'
import {robustScores} from '../../../plugins/detect/src/weights/robust-scores.ts'
import {spectralNorm} from '../../../plugins/detect/src/weights/spectral-norm.ts'
import type {Context} from '../../../src/context.ts'
import {createRandom} from '../../../src/engine/create-random.ts'
import {architectureByName} from '../../../src/nn/architecture-by-name.ts'
import {createModel} from '../../../src/nn/create-model.ts'
import {createNetwork} from '../../../src/nn/create-network.ts'
import {evidenceOf} from './planted.ts'
import {contextOn} from '../../support/context-on.ts'

let context: Context
beforeAll(async () => {
  context = await contextOn('cpu')
})
afterAll(() => context.engine[Symbol.asyncDispose]())

describe('robustScores', () => {
  it('counts robust standard deviations from the median', () => {
    // Median 3, deviations 2 1 0 1 97, MAD 1.
    const scores = robustScores([1, 2, 3, 4, 100])
    expect(scores[4]).toBeCloseTo(97 / 1.4826, 10)
    expect(scores[0]).toBeCloseTo(-2 / 1.4826, 10)
    expect(robustScores([5, 5, 5])).toEqual([0, 0, 0])
  })
})

describe('spectralNorm', () => {
  it('is the largest singular value', () => {
    // Singular values 4 and 3; [[1, 1], [0, 1]] has the golden ratio; one row has its length.
    expect(spectralNorm([3, 0, 0, 4], 2, 2)).toBeCloseTo(4, 6)
    expect(spectralNorm([1, 1, 0, 1], 2, 2)).toBeCloseTo((1 + Math.sqrt(5)) / 2, 6)
    expect(spectralNorm([3, 4, 0], 1, 3)).toBeCloseTo(5, 6)
    expect(spectralNorm([3, 4, 0], 3, 1)).toBeCloseTo(5, 6)
    expect(spectralNorm([0, 0, 0, 0], 2, 2)).toBe(0)
  })

  it('is right where two singular values are alike', () => {
    expect(spectralNorm([2, 0, 0, 0, 2, 0, 0, 0, 2], 3, 3)).toBeCloseTo(2 * 3 ** (1 / 2048), 6)
  })
})

describe('channelBounds', () => {
  it('multiplies the norm of a filter with what its BatchNorm makes of it', () => {
    // Two channels of 1 x 1 filters over two inputs, kept [h, w, in, out]: channel 0 is (3, 4), channel 1 (0, 1).
    const filters = {name: 'conv', shape: [1, 1, 2, 2] as const, values: [3, 0, 4, 1]}
    const batchNorm = {
      name: 'bn',
      scale: [2, -6],
      mean: [0, 0],
      variance: [1 - 1e-5, 4 - 1e-5],
    }
    const [layer] = channelBounds([{filters}, {batchNorm}])
    // 5 · 2 / 1 and 1 · 6 / 2.
    expect(layer!.bounds[0]).toBeCloseTo(10, 8)
    expect(layer!.bounds[1]).toBeCloseTo(3, 8)
  })

  it('takes filters alone where no BatchNorm follows', () => {
    const filters = {name: 'conv', shape: [1, 1, 2, 2] as const, values: [3, 0, 4, 1]}
    expect(channelBounds([{filters}])[0]!.bounds.map((bound) => Math.round(bound))).toEqual([5, 1])
  })
})

/** A fresh network, and the same with one channel of one layer changed. */
function network(planted: Readonly<Record<string, number>> = {}) {
  const made = createNetwork(
    architectureByName('wrn-16-1', {classes: 4, input: [16, 16, 3]}),
    createRandom('n'),
  )
  for (const [name, factor] of Object.entries(planted)) {
    const parameter = made.parameters.get(name)!
    tf.tidy(() => {
      const factors = new Array<number>(parameter.shape[0]).fill(1)
      factors[5] = factor
      parameter.assign(tf.mul(parameter, tf.tensor1d(factors)))
    })
  }
  return createModel(made, {mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25]})
}

describe.each([
  [channelLipschitz, 'block2.layer.0.bn2.weight', 'block2.layer.0.conv1.weight'],
  [batchNormOutlier, 'block3.layer.1.bn1.running_var', 'block3.layer.1.bn1'],
] as const)('$name', (method, parameter, layer) => {
  const detector = () => (method as typeof channelLipschitz).create({channels: 8}, context)

  it('finds the channel that was made ten times as strong', async () => {
    using clean = network()
    using planted = network({[parameter]: 10})
    const usual = await detector().inspect(clean, evidenceOf([], 1), context)
    const found = await detector().inspect(planted, evidenceOf([], 1), context)

    expect(found.statistic).toBeGreaterThan(2 * usual.statistic)
    expect(found.statistic).toBeGreaterThan(8)
    expect(found.details).toMatchObject({layer, channel: 5})
  })

  it('does not apply where every layer is narrower than asked', async () => {
    using model = network()
    const {statistic, details} = await (method as typeof channelLipschitz)
      .create({channels: 1000}, context)
      .inspect(model, evidenceOf([], 1), context)
    expect(statistic).toBeNaN()
    expect(details['notApplicable']).toContain('1000')
  })
})
