import * as tf from '@tensorflow/tfjs-core'
import type {Tensor} from '@tensorflow/tfjs-core'
import {createRandom, openEngine} from '@abd/core/engine'
import {createNetwork, lastConvolutions, shuffleInputChannels, wideResNet} from '@abd/core/nn'
import {beforeAll, describe, expect, test} from 'vitest'
import {images} from './golden.ts'

beforeAll(async () => {
  await openEngine('auto')
})

const block3 = [
  'layer.0.conv1',
  'layer.0.conv2',
  'layer.0.convShortcut',
  'layer.1.conv1',
  'layer.1.conv2',
].map((layer) => `block3.${layer}.weight`)

describe('G14: shuffled copies', () => {
  test('the last five convolutions are block 3 of a WRN-16, the last blocks of a WRN-40', () => {
    for (const width of [1, 2])
      expect(lastConvolutions(wideResNet({depth: 16, width, classes: 10}), 5)).toEqual(block3)
    expect(lastConvolutions(wideResNet({depth: 40, width: 1, classes: 10}), 5)).toEqual(
      ['layer.3.conv2', 'layer.4.conv1', 'layer.4.conv2', 'layer.5.conv1', 'layer.5.conv2'].map(
        (layer) => `block3.${layer}.weight`,
      ),
    )
  })

  test('exactly those five change, along their input channels', async () => {
    const architecture = wideResNet({depth: 16, width: 1, classes: 10})
    using network = createNetwork(architecture, createRandom('shuffle'))
    const random = createRandom('permutations')
    const inputs = (name: string) => architecture.parameters.get(name)?.shape[1] ?? 0
    const permutations = new Map(block3.map((name) => [name, random.fork(name).permutation(inputs(name))]))

    const shuffled = shuffleInputChannels(network.parameters, permutations)

    const changed = [...shuffled].filter(([name, tensor]) => tensor !== network.parameters.get(name))
    expect(changed.map(([name]) => name)).toEqual(block3)
    for (const [name, tensor] of changed) {
      const [h = 0, w = 0, ins = 0, outs = 0] = tensor.shape
      const before = await (network.parameters.get(name) as Tensor).data()
      const after = await tensor.data()
      for (let position = 0; position < h * w; position++)
        for (let channel = 0; channel < ins; channel++) {
          const from = (permutations.get(name) as Int32Array)[channel] ?? NaN
          const row = (data: ArrayLike<number>, index: number) =>
            Array.from({length: outs}, (_, out) => data[(position * ins + index) * outs + out])
          expect(row(after, channel)).toEqual(row(before, from))
        }
    }
  })

  test('copies share the trunk: same activations after block 2, other logits', async () => {
    const architecture = wideResNet({depth: 16, width: 1, classes: 10})
    using network = createNetwork(architecture, createRandom('shuffle'))
    const random = createRandom('permutations')
    const permutations = new Map(
      block3.map((name) => [
        name,
        random.fork(name).permutation(architecture.parameters.get(name)?.shape[1] ?? 0),
      ]),
    )
    const shuffled = shuffleInputChannels(network.parameters, permutations)
    const x = images([2, 3, 32, 32], 0.013)
    const whole = architecture.forward(network.parameters, x, 'eval')
    const copy = architecture.forward(shuffled, x, 'eval')

    expect(await equal(whole.activations[1], copy.activations[1])).toBe(true)
    expect(await equal(whole.logits, copy.logits)).toBe(false)

    const split = architecture.split
    if (!split) throw new Error('A wide ResNet can be split.')
    expect(block3.every((name) => split.tailParameters.has(name))).toBe(true)
    const trunk = split.trunk(network.parameters, x)
    expect(await equal(trunk, whole.activations[1])).toBe(true)
    expect(await equal(split.tail(shuffled, trunk), copy.logits)).toBe(true)
  })
})

const equal = async (a: Tensor | undefined, b: Tensor | undefined): Promise<boolean> =>
  (await tf.all(tf.equal(a as Tensor, b as Tensor)).data())[0] === 1
