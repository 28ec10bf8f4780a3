import * as tf from '@tensorflow/tfjs-core'
import {openEngine} from '@abd/core/engine'
import type {ModelFile} from '@abd/core/modelfile'
import {networkOf} from '@abd/core/nn'
import {beforeAll, describe, expect, it} from 'vitest'
import {onnxAttributes} from '../../../src/nn/graph/onnx/onnx-attributes.ts'
import {onnxOperators} from '../../../src/nn/graph/onnx/operators.ts'

beforeAll(async () => {
  await openEngine('auto')
})

type Attributes = Record<string, number | string | number[]>
type Line = readonly [op: string, inputs: readonly string[], output: string, attributes?: Attributes]

const float = (shape: number[], ...data: number[]) => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
})
const whole = (...data: number[]) => ({
  dtype: 'int64',
  shape: [data.length],
  data: BigInt64Array.from(data, BigInt),
})
const truth = (value: number) => ({dtype: 'bool', shape: [], data: Uint8Array.of(value)})
const constants = {
  ones: float([1], 1),
  zeros: float([1], 0),
  kernel: float([1, 1, 1, 1], 1),
  w: float([2, 4], 1, 0, 0, 0, 0, 1, 0, 0),
  ratio: float([], 0.5),
  true: truth(1),
  false: truth(0),
  none: whole(),
  twice: whole(1, 1, 4, 4),
  channels: whole(1, 2, 2, 2),
}

/** The first and the second pixel of the images after these lines, of [1.5, -2, 3, 4]; from 'x' to 'y'. */
async function pixels(lines: readonly Line[], opset = 17): Promise<number[]> {
  const all: Line[] = [...lines, ['Flatten', ['y'], 'flat'], ['Gemm', ['flat', 'w'], 'out', {transB: 1}]]
  const nodes = all.map(([op, inputs, output, attributes = {}]) => ({
    op,
    name: `node ${output}`,
    inputs: [...inputs],
    outputs: [output],
    attributes,
  }))
  const graph = {dialect: 'onnx', nodes, input: {name: 'x', shape: [-1, 1, 2, 2]}, output: 'out'}
  const stateDict = new Map(Object.entries(constants))
  using network = networkOf({graph, stateDict, metadata: {opset}} as unknown as ModelFile)
  const x = tf.tensor4d([1.5, -2, 3, 4], [1, 2, 2, 1])
  return [...(await network.architecture.forward(network.parameters, x, 'eval').logits.data())]
}

const norm = ['x', 'ones', 'zeros', 'zeros', 'ones']

describe('an ONNX operator', () => {
  it('declares its attributes, each of them', () => {
    expect(Object.keys(onnxAttributes).sort()).toEqual(Object.keys(onnxOperators).sort())
  })

  it.each<[string, Line, number, string]>([
    ['Cast to whole numbers', ['Cast', ['x'], 'y', {to: 7}], 17, 'to = 7'],
    ['Cast to truth values', ['Cast', ['x'], 'y', {to: 9}], 17, 'to = 9'],
    ['Cast to eight bits', ['Cast', ['x'], 'y', {to: 17}], 17, 'to = 17'],
    [
      'BatchNormalization by the batch',
      ['BatchNormalization', norm, 'y', {training_mode: 1}],
      17,
      'training_mode = 1',
    ],
    ['BatchNormalization of opset 6', ['BatchNormalization', norm, 'y'], 6, 'is_test left out'],
    ['BatchNormalization by pixel', ['BatchNormalization', norm, 'y', {spatial: 0}], 7, 'spatial = 0'],
    ['Dropout of opset 6', ['Dropout', ['x'], 'y'], 6, 'is_test left out'],
    ['an attribute that nobody knows', ['Relu', ['x'], 'y', {max: 6}], 17, 'max = 6'],
    ['bounds by attributes in a late opset', ['Clip', ['x'], 'y', {min: 0}], 17, 'min = 0'],
    [
      'a padding that nobody knows',
      ['Conv', ['x', 'kernel'], 'y', {auto_pad: 'SAME'}],
      17,
      'auto_pad = "SAME"',
    ],
    ['a filter of another size', ['Conv', ['x', 'kernel'], 'y', {kernel_shape: [3, 3]}], 17, 'kernel_shape'],
    ['a GELU of another kind', ['Gelu', ['x'], 'y', {approximate: 'sigmoid'}], 20, 'approximate'],
    ['a broadcast along an axis', ['Add', ['x', 'ones'], 'y', {broadcast: 1, axis: 0}], 6, 'axis = 0'],
    [
      'a dilated pooling',
      ['AveragePool', ['x'], 'y', {kernel_shape: [1, 1], dilations: [2, 2]}],
      19,
      'dilations',
    ],
  ])('is refused with %s, by its name, the attribute and its value', async (_, line, opset, told) => {
    await expect(pixels([line], opset)).rejects.toThrow(
      expect.objectContaining({
        code: 'E_GRAPH_ATTRIBUTE',
        message: expect.stringMatching(new RegExp(`${line[0]} \\('node y'\\) has ${told}`)),
      }),
    )
  })

  it.each<[string, Line, string]>([
    ['drops at random', ['Dropout', ['x', 'ratio', 'true'], 'y'], 'training_mode = true'],
    ['resizes channels', ['Resize', ['x', '', '', 'channels'], 'y'], 'of images or channels'],
  ])('that %s is refused', async (_, line, told) => {
    await expect(pixels([line])).rejects.toThrow(told)
  })

  it.each<[string, Line, number, number[]]>([
    ['Dropout with training_mode = false', ['Dropout', ['x', 'ratio', 'false'], 'y'], 17, [1.5, -2]],
    ['Cast to half precision', ['Cast', ['x'], 'y', {to: 10}], 17, [1.5, -2]],
    // -2 is below the knee of the sigmoid with the slope 0.5: 1.5 · 0.5 + 0.1 = 0.85.
    ['HardSigmoid', ['HardSigmoid', ['x'], 'y', {alpha: 0.5, beta: 0.1}], 17, [0.85, 0]],
    ['LeakyRelu with the slope 0', ['LeakyRelu', ['x'], 'y', {alpha: 0}], 17, [1.5, 0]],
    // Opset 1 has four digits: 1.0507 · 1.6732 · (e⁻² - 1).
    ['Selu of opset 1', ['Selu', ['x'], 'y'], 1, [1.0507 * 1.5, 1.0507 * 1.6732 * (Math.exp(-2) - 1)]],
  ])('computes %s', async (_, line, opset, expected) => {
    const found = await pixels([line], opset)

    for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 6)
  })

  it('at the end must be a softmax over the classes to be left out', async () => {
    await expect(pixels([['Identity', ['x'], 'y']])).resolves.toEqual([1.5, -2])
    const lines: Line[] = [
      ['Flatten', ['x'], 'flat'],
      ['Gemm', ['flat', 'w'], 'logits', {transB: 1}],
      ['Softmax', ['logits'], 'out', {axis: 0}],
    ]
    const nodes = lines.map(([op, inputs, output, attributes = {}]) => ({
      op,
      name: output,
      inputs: [...inputs],
      outputs: [output],
      attributes,
    }))
    const graph = {dialect: 'onnx', nodes, input: {name: 'x', shape: [-1, 1, 2, 2]}, output: 'out'}
    const stateDict = new Map(Object.entries(constants))
    using network = networkOf({graph, stateDict, metadata: {opset: 13}} as unknown as ModelFile)

    expect(() => network.architecture.forward(network.parameters, tf.zeros([3, 2, 2, 1]), 'eval')).toThrow(
      "its last softmax ('out') goes along the axis 0 of [3, 2]",
    )
  })
})
