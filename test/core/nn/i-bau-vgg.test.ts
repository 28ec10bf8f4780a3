import * as tf from '@tensorflow/tfjs-core'
import {openEngine} from '@abd/core/engine'
import {iBauVgg, lastConvolutions, networkFromStateDict} from '@abd/core/nn'
import {beforeAll, describe, expect, test} from 'vitest'
import {filledStateDict} from '../../parity/golden.ts'
import {parameterCount} from './parameter-count.ts'

beforeAll(async () => {
  await openEngine('auto')
})

describe('iBauVgg', () => {
  test('is as large as in PyTorch', () => {
    expect(parameterCount(iBauVgg({classes: 43}))).toBe(376_011)
  })

  test('the linear layer reads the features in the order in which PyTorch flattens them', async () => {
    const architecture = iBauVgg({classes: 2, input: [16, 24, 3]}) // features [128, 2, 3]
    const dict = new Map(filledStateDict(architecture, () => 0))
    // Class 1's weight is 1 for channel 5, row 1, column 2 alone: 5 · 2 · 3 + 1 · 3 + 2 = 35 of 768.
    const weight = new Float32Array(2 * 768)
    weight[768 + 35] = 1
    dict.set('classifier.weight', {dtype: 'float32', shape: [2, 768], data: weight})
    dict.set('classifier.bias', {dtype: 'float32', shape: [2], data: new Float32Array(2)})
    using network = networkFromStateDict(architecture, dict)
    const x = tf.randomUniform<tf.Rank.R4>([1, 16, 24, 3], 0, 1, 'float32', 1)

    const {logits, activations} = architecture.forward(network.parameters, x, 'eval')

    const last = activations[2]
    expect(last?.shape).toEqual([1, 2, 3, 128])
    const feature = (await last?.data())?.[(1 * 3 + 2) * 128 + 5]
    expect(feature).not.toBe(0)
    expect((await logits.data())[1]).toBe(feature)
  })

  test('its last convolutions are found, which the reference implementation does not', () => {
    expect(lastConvolutions(iBauVgg({classes: 10}), 5)).toEqual(
      [3, 8, 11, 16, 19].map((index) => `features.${index}.weight`),
    )
    expect(lastConvolutions(iBauVgg({classes: 10, input: [32, 32, 1]}), -2)).toEqual([
      'features.3.weight',
      'features.8.weight',
    ])
    expect(lastConvolutions(iBauVgg({classes: 10}), 0)).toEqual([])
  })
})
