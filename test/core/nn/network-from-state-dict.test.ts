import {openEngine} from '@abd/core/engine'
import * as tf from '@tensorflow/tfjs-core'
import type {StateDict, StateTensor} from '@abd/core/modelfile'
import {
  cifarResNet,
  iBauVgg,
  networkFromStateDict,
  toStateDict,
  wideResNet,
  zsktGenerator,
} from '@abd/core/nn'
import type {Architecture} from '@abd/core/nn'
import {beforeAll, describe, expect, test} from 'vitest'
import {filledStateDict} from '../../parity/golden.ts'

beforeAll(async () => {
  await openEngine('cpu')
})

const wrn = wideResNet({depth: 10, width: 1, classes: 3, input: [8, 8, 3]})
const weights = (): Map<string, StateTensor> => new Map(filledStateDict(wrn, () => 1))

describe('networkFromStateDict', () => {
  test.each([
    wrn,
    cifarResNet({depth: 8, classes: 3, shortcut: 'b'}),
    iBauVgg({classes: 3, input: [16, 8, 1]}),
    zsktGenerator([8, 12, 3]),
  ])('what is read is written again, in the same order: $name', async (layout) => {
    const dict = filledStateDict(layout, () => 1)
    using network = networkFromStateDict(layout as Architecture, dict)

    const written = await toStateDict(network)

    const trained = [...written].filter(([name]) => !name.endsWith('num_batches_tracked'))
    expect(trained.map(([name]) => name)).toEqual([...dict.keys()])
    for (const [name, tensor] of trained) {
      expect(tensor.shape).toEqual(dict.get(name)?.shape)
      expect(tensor.data).toEqual(Float32Array.from(dict.get(name)?.data as Float64Array))
    }
  })

  test('counters of BatchNorm follow their variances, as whole numbers', async () => {
    using network = networkFromStateDict(wrn, weights())
    const written = [...(await toStateDict(network))]
    const at = written.findIndex(([name]) => name === 'bn1.running_var')

    expect(written[at + 1]).toEqual([
      'bn1.num_batches_tracked',
      {dtype: 'int64', shape: [], data: BigInt64Array.of(0n)},
    ])
  })

  test('convolutions become [h, w, in, out], linear layers [in, out]', () => {
    using network = networkFromStateDict(wrn, weights())

    expect(network.parameters.get('block2.layer.0.convShortcut.weight')?.shape).toEqual([1, 1, 16, 32])
    expect(network.parameters.get('fc.weight')?.shape).toEqual([64, 3])
    expect(network.trainable.length).toBe(wrn.parameters.size - 2 * 7)
  })

  test('`module.`, counters and extra state do not matter', () => {
    const wrapped: StateDict = new Map([
      ...[...weights()].map(([name, tensor]) => [`module.${name}`, tensor] as const),
      ['module.bn1.num_batches_tracked', {dtype: 'int64', shape: [], data: BigInt64Array.of(7n)}],
      ['module._extra_state', {dtype: 'uint8', shape: [1], data: new Uint8Array(1)}],
    ])
    using network = networkFromStateDict(wrn, wrapped)

    expect(network.parameters.size).toBe(wrn.parameters.size)
  })

  test.each<[string, (dict: Map<string, StateTensor>) => void, string]>([
    ['missing', (dict) => dict.delete('bn1.bias'), "'bn1.bias' [64] is missing"],
    [
      'unexpected',
      (dict) => dict.set('extra.weight', {dtype: 'float32', shape: [1], data: new Float32Array(1)}),
      "it has no tensor 'extra.weight'",
    ],
    [
      'misshapen',
      (dict) => dict.set('fc.weight', {dtype: 'float32', shape: [3, 65], data: new Float32Array(195)}),
      "'fc.weight' is [3, 65] and should be [3, 64]",
    ],
  ])('a %s tensor is named', (_, spoil, message) => {
    const dict = weights()
    spoil(dict)

    expect(() => networkFromStateDict(wrn, dict)).toThrow(
      expect.objectContaining({
        code: 'E_ARCHITECTURE_MISMATCH',
        exit: 4,
        message: expect.stringContaining(message) as string,
      }),
    )
  })

  test('weights that are not finite or not floating-point are refused, and nothing is left behind', () => {
    const {numTensors} = tf.memory()
    const nan = weights()
    nan.set('fc.bias', {dtype: 'float32', shape: [3], data: Float32Array.of(0, NaN, 0)})
    const quantised = weights()
    quantised.set('fc.bias', {dtype: 'int8', shape: [3], data: new Int8Array(3)})

    for (const [dict, message] of [
      [nan, "'fc.bias' is not finite: its number 1 is NaN"],
      [quantised, "'fc.bias' holds int8 numbers"],
    ] as const)
      expect(() => networkFromStateDict(wrn, dict)).toThrow(
        expect.objectContaining({
          code: 'E_WEIGHTS_INVALID',
          message: expect.stringContaining(message) as string,
        }),
      )
    expect(tf.memory().numTensors).toBe(numTensors)
  })
})
