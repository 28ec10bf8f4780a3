import * as tf from '@tensorflow/tfjs-core'
import type {Tensor} from '@tensorflow/tfjs-core'
import {createRandom, openEngine} from '@abd/core/engine'
import {cifarResNet, createNetwork, networkFromStateDict} from '@abd/core/nn'
import type {CifarResNetOptions} from '@abd/core/nn'
import {beforeAll, describe, expect, test} from 'vitest'
import {filledStateDict} from '../../parity/golden.ts'
import {parameterCount} from './parameter-count.ts'

beforeAll(async () => {
  await openEngine('auto')
})

describe('cifarResNet', () => {
  test.each<[CifarResNetOptions, string, number]>([
    [{depth: 14, classes: 10}, 'resnet-14', 172_506],
    [{depth: 20, classes: 10}, 'resnet-20', 269_722],
    [{depth: 20, shortcut: 'b', classes: 10}, 'resnet-20-b', 272_474],
    [{depth: 110, shortcut: 'b', classes: 10}, 'resnet-110-b', 1_730_714],
    [{depth: 8, shortcut: 'b', width: 4, classes: 10}, 'resnet-8x4', 1_210_410],
    [{depth: 32, shortcut: 'b', width: 4, classes: 10}, 'resnet-32x4', 7_410_730],
  ])('%o is %s, as large as in PyTorch', (options, name, parameters) => {
    const architecture = cifarResNet(options)

    expect(architecture.name).toBe(name)
    expect(parameterCount(architecture)).toBe(parameters)
  })

  test('shortcut A: every second pixel, zero channels before and after', async () => {
    const architecture = cifarResNet({depth: 8, classes: 2, input: [5, 5, 3]})
    // With every filter 0 but the first, whose centre passes channel 0 on to channel c times c + 1, and a BatchNorm
    // that changes nothing (ε is taken out of the variance), a block is its shortcut alone.
    const dict = new Map(
      [...filledStateDict(architecture, () => 0)].map(([name, tensor]) => {
        const value = name.endsWith('running_var') ? 1 - 1e-5 : /bn\d\.weight$/.test(name) ? 1 : 0
        const data = new Float32Array(tensor.data.length).fill(value)
        if (name === 'conv1.weight') for (let c = 0; c < 16; c++) data[c * 27 + 4] = c + 1 // [out][0][1][1]
        return [name, {...tensor, data}]
      }),
    )
    using network = networkFromStateDict(architecture, dict)
    const x = tf.tidy(() => tf.mul(tf.reshape(tf.range(0, 25), [1, 5, 5, 1]), tf.tensor1d([1, 0, 0])))

    const [, second, third] = architecture.forward(network.parameters, x as never, 'eval').activations

    // 5 x 5 → rows and columns 0, 2, 4: pixels 0 2 4, 10 12 14, 20 22 24; 16 channels in the middle of 32.
    expect(second?.shape).toEqual([1, 3, 3, 32])
    const middle = await tf.squeeze<Tensor>(tf.slice(second as Tensor, [0, 1, 2, 0], [1, 1, 1, 32])).data()
    expect([...middle].map(Math.round)).toEqual([
      ...Array(8).fill(0),
      ...Array.from({length: 16}, (_, c) => 14 * (c + 1)),
      ...Array(8).fill(0),
    ])
    // 3 x 3 → rows and columns 0, 2; 32 channels in the middle of 64.
    expect(third?.shape).toEqual([1, 2, 2, 64])
    const corner = await tf.squeeze<Tensor>(tf.slice(third as Tensor, [0, 1, 1, 24], [1, 1, 1, 3])).data()
    expect([...corner].map(Math.round)).toEqual([24, 48, 72])
  })

  test('four times as wide, the stem is twice, and the first stage keeps the size of the image', () => {
    const architecture = cifarResNet({depth: 8, classes: 3, shortcut: 'b', width: 4})
    using network = createNetwork(architecture, createRandom(1))

    const {activations, logits} = architecture.forward(network.parameters, tf.zeros([2, 32, 32, 3]), 'eval')

    expect(activations.map(({shape}) => shape)).toEqual([
      [2, 32, 32, 64],
      [2, 16, 16, 128],
      [2, 8, 8, 256],
    ])
    expect(logits.shape).toEqual([2, 3])
    const shapeOf = (name: string) => architecture.parameters.get(name)?.shape
    expect(shapeOf('conv1.weight')).toEqual([32, 3, 3, 3])
    expect(shapeOf('layer1.0.downsample.0.weight')).toEqual([64, 32, 1, 1])
  })

  test('there is no resnet-18 for CIFAR', () => {
    expect(() => cifarResNet({depth: 18, classes: 10})).toThrow(
      expect.objectContaining({code: 'E_ARCHITECTURE_DEPTH'}),
    )
  })
})
