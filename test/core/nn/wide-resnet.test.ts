import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'
import {createRandom, openEngine} from '@abd/core/engine'
import {createNetwork, toStateDict, wideResNet} from '@abd/core/nn'
import type {Architecture} from '@abd/core/nn'
import {beforeAll, describe, expect, test} from 'vitest'
import {parameterCount} from './parameter-count.ts'

beforeAll(async () => {
  await openEngine('auto')
})

const convolutions = ({parameters}: Architecture) =>
  [...parameters.values()].filter(({role}) => role === 'convolution').length

describe('wideResNet', () => {
  test.each([
    {depth: 16, width: 1, ten: 175_066, fortyThree: 177_211, filters: 15, keys: 82},
    {depth: 16, width: 2, ten: 691_674, fortyThree: 695_931, filters: 16, keys: 83},
    {depth: 40, width: 1, ten: 563_930, fortyThree: 566_075, filters: 39, keys: 226},
    {depth: 40, width: 2, ten: 2_243_546, fortyThree: 2_247_803, filters: 40, keys: 227},
  ])('wrn-$depth-$width is as large as in PyTorch', async ({depth, width, ...expected}) => {
    const architecture = wideResNet({depth, width, classes: 10})
    using network = createNetwork(architecture, createRandom('size'))

    expect(architecture.name).toBe(`wrn-${depth}-${width}`)
    expect({
      ten: parameterCount(architecture),
      fortyThree: parameterCount(wideResNet({depth, width, classes: 43})),
      filters: convolutions(architecture),
      keys: (await toStateDict(network)).size,
    }).toEqual(expected)
  })

  test('its BatchNorms come in the order and widths that CMI counts on', () => {
    const widths = [...wideResNet({depth: 16, width: 2, classes: 10}).parameters]
      .filter(([, {role}]) => role === 'running-mean')
      .map(([, {shape}]) => shape[0])

    expect(widths).toEqual([16, 32, 32, 32, 32, 64, 64, 64, 64, 128, 128, 128, 128])
  })

  test('takes other images: 28 x 28 grey', () => {
    const architecture = wideResNet({depth: 10, width: 1, classes: 7, input: [28, 28, 1]})
    using network = createNetwork(architecture, createRandom('grey'))
    const {logits, activations, features} = architecture.forward(
      network.parameters,
      tf.ones<tf.Rank.R4>([2, 28, 28, 1]),
      'eval',
    )

    expect(logits.shape).toEqual([2, 7])
    expect(features.shape).toEqual([2, 64])
    expect(activations.map(({shape}) => shape)).toEqual([
      [2, 28, 28, 16],
      [2, 14, 14, 32],
      [2, 7, 7, 64],
    ])
  })

  test('a forward pass changes nothing and leaves nothing behind', async () => {
    const architecture = wideResNet({depth: 10, width: 1, classes: 3, input: [8, 8, 3]})
    using network = createNetwork(architecture, createRandom('pure'))
    const x: Tensor4D = createRandom('x').normalTensor([4, 8, 8, 3])
    const before = await toStateDict(network)
    const run = () => tf.tidy(() => architecture.forward(network.parameters, x, 'train').logits).dispose()
    run()
    const {numTensors} = tf.memory()

    run()

    expect(tf.memory().numTensors).toBe(numTensors)
    expect(await toStateDict(network)).toEqual(before)
  })

  test.each([
    [17, 1],
    [4, 1],
    [16, 0],
  ])('there is no wrn-%d-%d', (depth, width) => {
    expect(() => wideResNet({depth, width, classes: 10})).toThrow(
      expect.objectContaining({code: 'E_ARCHITECTURE_DEPTH', exit: 2}),
    )
  })
})
