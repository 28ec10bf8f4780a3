import * as tf from '@tensorflow/tfjs-core'
import {openEngine} from '@abd/core/engine'
import type {ModelFile} from '@abd/core/modelfile'
import {networkOf} from '@abd/core/nn'
import {beforeAll, describe, expect, it} from 'vitest'

beforeAll(async () => {
  await openEngine('auto')
})

type Attributes = Record<string, number | string | number[]>
type Line = readonly [op: string, inputs: readonly string[], output: string, attributes?: Attributes]

const whole = (...data: number[]) => ({
  dtype: 'int64',
  shape: [data.length],
  data: BigInt64Array.from(data, BigInt),
})
const float = (shape: number[], ...data: number[]) => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
})
const constants = {
  zero: whole(0),
  one: whole(1),
  minus: whole(-1),
  two: whole(2),
  w: float([2, 4], 1, 2, 3, 4, 5, 6, 7, 8),
  b: float([2], 0, 0),
  token: float([1, 4], 1, 1, 1, 1),
}

/** A classifier [N, 1, 2, 2] → [N, 2]; the lines lie between the image and what the last layer is given, 'rows'. */
const logitsOf = (lines: readonly Line[], images = 3, batch = -1) => {
  const all: Line[] = [...lines, ['Gemm', ['rows', 'w', 'b'], 'y', {transB: 1}]]
  const nodes = all.map(([op, inputs, output, attributes = {}]) => ({
    op,
    name: `node ${output}`,
    inputs: [...inputs],
    outputs: [output],
    attributes,
  }))
  const graph = {dialect: 'onnx', nodes, input: {name: 'x', shape: [batch, 1, 2, 2]}, output: 'y'}
  const stateDict = new Map(Object.entries(constants))
  using network = networkOf({graph, stateDict, metadata: {opset: 13}} as unknown as ModelFile)
  const x = tf.reshape<tf.Rank.R4>(tf.range(0, 4 * images), [images, 2, 2, 1])
  return network.architecture.forward(network.parameters, x, 'eval').logits.shape
}

const number: Line[] = [
  ['Shape', ['x'], 'shape'],
  ['Gather', ['shape', 'zero'], 'n', {axis: 0}],
]
const flat: Line = ['Flatten', ['x'], 'flat']

describe('a graph that only passes the number of images on', () => {
  it.each<[string, Line[]]>([
    [
      'flattens by it',
      [...number, ['Concat', ['n', 'minus'], 'to', {axis: 0}], ['Reshape', ['x', 'to'], 'rows']],
    ],
    [
      'repeats a token for each image, as PyTorch exports expand',
      [
        ...number,
        ['Concat', ['n', 'minus'], 'to', {axis: 0}],
        ['Equal', ['to', 'minus'], 'open'],
        ['Where', ['open', 'pair', 'to'], 'wanted'],
        ['Expand', ['token', 'wanted'], 'tokens'],
        flat,
        ['Add', ['flat', 'tokens'], 'rows'],
      ],
    ],
    [
      'puts rows under one another and takes them apart again',
      [
        ...number,
        ['Mul', ['n', 'two'], 'twice'],
        ['Concat', ['twice', 'two'], 'halves', {axis: 0}],
        ['Reshape', ['x', 'halves'], 'pieces'],
        ['Div', ['twice', 'two'], 'again'],
        ['Concat', ['again', 'minus'], 'to', {axis: 0}],
        ['Reshape', ['pieces', 'to'], 'rows'],
      ],
    ],
  ])('%s', (_, lines) => {
    const pair: Line = ['Concat', ['one', 'one'], 'pair', {axis: 0}]
    expect(logitsOf([pair, ...lines])).toEqual([3, 2])
  })

  it('was exported for one image', () => {
    const to: Line = ['Concat', ['one', 'minus'], 'to', {axis: 0}]
    expect(logitsOf([to, ['Reshape', ['x', 'to'], 'rows']], 3, 1)).toEqual([3, 2])
  })
})

describe('a graph that is another one for a single image is refused, by the name of the node', () => {
  it.each<[string, string, Line[]]>([
    [
      'compares',
      'single',
      [
        flat,
        ...number,
        ['Equal', ['n', 'one'], 'single'],
        ['Cast', ['single'], 'f', {to: 1}],
        ['Mul', ['flat', 'f'], 'rows'],
      ],
    ],
    ['multiplies', 'rows', [flat, ...number, ['Cast', ['n'], 'f', {to: 1}], ['Mul', ['flat', 'f'], 'rows']]],
    ['counts all', 'rows', [flat, ['Size', ['x'], 's'], ['Add', ['flat', 's'], 'rows']]],
    [
      'enumerates',
      'r',
      [flat, ...number, ['Range', ['zero', 'n', 'one'], 'r'], ['Add', ['flat', 'r'], 'rows']],
    ],
    [
      'averages',
      'm',
      [flat, ['ReduceMean', ['flat'], 'm', {axes: [0], keepdims: 1}], ['Sub', ['flat', 'm'], 'rows']],
    ],
    ['normalises', 'rows', [flat, ['Softmax', ['flat'], 'rows', {axis: 0}]]],
    [
      'multiplies images',
      'p',
      [
        flat,
        ['Transpose', ['flat'], 't', {perm: [1, 0]}],
        ['MatMul', ['flat', 't'], 'p'],
        ['MatMul', ['p', 'flat'], 'rows'],
      ],
    ],
    [
      'looks at the first',
      'first',
      [flat, ['Gather', ['flat', 'zero'], 'first', {axis: 0}], ['Add', ['flat', 'first'], 'rows']],
    ],
    ['slices', 's', [flat, ['Slice', ['flat', 'zero', 'one', 'zero'], 's'], ['Add', ['flat', 's'], 'rows']]],
    [
      'mixes by a shape',
      'rows',
      [
        ['Concat', ['two', 'minus'], 'to', {axis: 0}],
        ['Reshape', ['x', 'to'], 't'],
        ['Transpose', ['t'], 'tt', {perm: [1, 0]}],
        ['Reshape', ['tt', 'to'], 'rows'],
      ],
    ],
  ])('%s', (_, node, lines) => {
    const expected = node === 'rows' && lines[0]![0] === 'Concat' ? 'node t' : `node ${node}`
    expect(() => logitsOf(lines)).toThrow(
      expect.objectContaining({code: 'E_GRAPH_BATCH', message: expect.stringContaining(`('${expected}')`)}),
    )
  })
})
