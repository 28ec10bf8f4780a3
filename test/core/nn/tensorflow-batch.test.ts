import * as tf from '@tensorflow/tfjs-core'
import {openEngine} from '@abd/core/engine'
import type {ModelFile} from '@abd/core/modelfile'
import {networkOf} from '@abd/core/nn'
import {beforeAll, describe, expect, it} from 'vitest'
import {tensorflowBatchRules} from '../../../src/nn/graph/tensorflow/batch-rules.ts'
import {tensorflowAttributes} from '../../../src/nn/graph/tensorflow/tensorflow-attributes.ts'
import {tensorflowOperators} from '../../../src/nn/graph/tensorflow/tensorflow-operators.ts'

beforeAll(async () => {
  await openEngine('auto')
})

type Attributes = Record<string, number | string | boolean | (number | string)[]>
type Line = readonly [op: string, inputs: readonly string[], output: string, attributes?: Attributes]

const ints = (shape: number[], ...data: number[]) => ({dtype: 'int32', shape, data: Int32Array.from(data)})
const float = (shape: number[], ...data: number[]) => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
})
const constants = {
  zero: ints([], 0),
  one: ints([], 1),
  four: ints([], 4),
  minus: ints([], -1),
  zeros: ints([1], 0),
  ones: ints([1], 1),
  ends: ints([1], 2 ** 31 - 1),
  turned: ints([2], 1, 0),
  pair: ints([2], 2, -1),
  last: ints([1], 1),
  around: ints([2, 2], 1, 0, 0, 0),
  w: float([4, 2], 1, 2, 3, 4, 5, 6, 7, 8),
  filter: float([1, 1, 1, 1], 1),
  each: float([3, 4], ...Array.from({length: 12}, (_, i) => i)),
  unit: float([1], 1),
  square: float([4, 4], ...Array.from({length: 16}, (_, i) => i)),
  flattened: ints([2], -1, 4),
}

const networkFrom = (lines: readonly Line[]) => {
  const all: Line[] = [...lines, ['MatMul', ['rows', 'w'], 'y']]
  const nodes = all.map(([op, inputs, output, attributes = {}]) => ({
    op,
    name: output,
    inputs: [...inputs],
    outputs: [output],
    attributes,
  }))
  const graph = {dialect: 'tensorflow', nodes, input: {name: 'x', shape: [-1, 2, 2, 1]}, output: 'y'}
  return networkOf({
    graph,
    stateDict: new Map(Object.entries(constants)),
    metadata: {},
  } as unknown as ModelFile)
}

/** A classifier [N, 2, 2, 1] → [N, 2]; the lines lie between the image and what the last layer is given, 'rows'. */
const logitsOf = (lines: readonly Line[], images = 3) => {
  using network = networkFrom(lines)
  const x = tf.reshape<tf.Rank.R4>(tf.range(0, 4 * images), [images, 2, 2, 1])
  return network.architecture.forward(network.parameters, x, 'eval').logits
}

const number: Line[] = [
  ['Shape', ['x'], 'shape'],
  ['StridedSlice', ['shape', 'zeros', 'ones', 'ones'], 'n', {shrink_axis_mask: 1}],
]
const flat: Line[] = [
  ['Pack', ['minus', 'four'], 'to4', {axis: 0}],
  ['Reshape', ['x', 'to4'], 'flat'],
]

it('each operator declares its attributes and has a rule for batches', () => {
  const operators = Object.keys(tensorflowOperators).sort()

  expect(Object.keys(tensorflowAttributes).sort()).toEqual(operators)
  expect(Object.keys(tensorflowBatchRules).sort()).toEqual(operators)
})

describe('a TensorFlow.js graph that computes each image on its own', () => {
  it.each<[string, Line[]]>([
    ['flattens', flat.map((line) => (line[2] === 'flat' ? [line[0], line[1], 'rows'] : line))],
    [
      'flattens by the number of images',
      [...number, ['Pack', ['n', 'four'], 'to', {axis: 0}], ['Reshape', ['x', 'to'], 'rows']],
    ],
    [
      'divides by it and multiplies again',
      [
        ...number,
        ['Mul', ['n', 'four'], 'all'],
        ['FloorDiv', ['all', 'four'], 'again'],
        ['Pack', ['again', 'four'], 'to'],
        ['Reshape', ['x', 'to'], 'rows'],
      ],
    ],
    [
      'averages, turns and takes apart what is not the images',
      [
        ['Conv2D', ['x', 'filter'], 'conv', {strides: [1, 1, 1, 1], padding: 'SAME'}],
        ...flat,
        ['Mean', ['flat', 'last'], 'mean', {keep_dims: true}],
        ['Sub', ['flat', 'mean'], 'rows'],
      ],
    ],
    ['takes all images', [...flat, ['StridedSlice', ['flat', 'zeros', 'ends', 'ones'], 'rows']]],
  ])('%s', (_, lines) => {
    expect(logitsOf(lines).shape).toEqual([3, 2])
  })
})

describe('a TensorFlow.js graph that is another one for a single image is refused, by the name of the node', () => {
  it.each<[string, string, Line[]]>([
    [
      'computes with their number',
      'rows',
      [...flat, ...number, ['Cast', ['n'], 'f', {DstT: 'DT_FLOAT'}], ['Mul', ['flat', 'f'], 'rows']],
    ],
    [
      'divides by it',
      'share',
      [...flat, ...number, ['RealDiv', ['one', 'n'], 'share'], ['Mul', ['flat', 'share'], 'rows']],
    ],
    [
      'rounds it',
      'half',
      [...flat, ...number, ['FloorDiv', ['n', 'four'], 'half'], ['Add', ['flat', 'half'], 'rows']],
    ],
    [
      'averages',
      'm',
      [...flat, ['Mean', ['flat', 'zeros'], 'm', {keep_dims: true}], ['Sub', ['flat', 'm'], 'rows']],
    ],
    [
      'sums',
      's',
      [...flat, ['Sum', ['flat', 'zeros'], 's', {keep_dims: true}], ['Sub', ['flat', 's'], 'rows']],
    ],
    [
      'normalises over images',
      'soft',
      [
        ...flat,
        ['Transpose', ['flat', 'turned'], 't'],
        ['Softmax', ['t'], 'soft'],
        ['Transpose', ['soft', 'turned'], 'rows'],
      ],
    ],
    [
      'multiplies images',
      'p',
      [...flat, ['MatMul', ['flat', 'flat'], 'p', {transpose_b: true}], ['MatMul', ['p', 'flat'], 'rows']],
    ],
    [
      'looks at the first',
      'first',
      [...flat, ['GatherV2', ['flat', 'zeros', 'zero'], 'first'], ['Add', ['flat', 'first'], 'rows']],
    ],
    [
      'slices',
      'first',
      [
        ...flat,
        ['StridedSlice', ['flat', 'zeros', 'ones', 'ones'], 'first'],
        ['Add', ['flat', 'first'], 'rows'],
      ],
    ],
    [
      'mixes by a shape',
      't',
      [
        ['Reshape', ['x', 'pair'], 't'],
        ['Transpose', ['t', 'turned'], 'tt'],
        ['Reshape', ['tt', 'flattened'], 'rows'],
      ],
    ],
    ['has a number for each image', 'rows', [...flat, ['AddV2', ['flat', 'each'], 'rows']]],
    [
      'puts one before them',
      'more',
      [
        ...flat,
        ['Pad', ['flat', 'around'], 'more'],
        ['StridedSlice', ['more', 'ones', 'ends', 'ones'], 'rows'],
      ],
    ],
    [
      'has a bias for each image',
      'rows',
      [...flat, ['_FusedMatMul', ['flat', 'square', 'each'], 'rows', {fused_ops: ['BiasAdd']}]],
    ],
    [
      'stacks rows',
      'stack',
      [...flat, ['Pack', ['flat', 'each'], 'stack', {axis: 1}], ['Mean', ['stack', 'last'], 'rows']],
    ],
  ])('%s', (_, node, lines) => {
    expect(() => logitsOf(lines)).toThrow(
      expect.objectContaining({code: 'E_GRAPH_BATCH', message: expect.stringContaining(`('${node}')`)}),
    )
  })
})

describe('a TensorFlow.js operator', () => {
  const images = {strides: [1, 1, 1, 1], padding: 'VALID'}

  it.each<[string, Line, string]>([
    ['a cast of images to whole numbers', ['Cast', ['x'], 'y0', {DstT: 'DT_INT32'}], 'to = 6'],
    ['a type that there is not', ['Cast', ['x'], 'y0', {DstT: 'DT_STRING'}], 'DstT = "DT_STRING"'],
    [
      'channels first',
      ['Conv2D', ['x', 'filter'], 'y0', {...images, data_format: 'NCHW'}],
      'data_format = "NCHW"',
    ],
    ['strides over channels', ['MaxPool', ['x'], 'y0', {...images, ksize: [1, 1, 1, 2]}], 'ksize'],
    [
      'a padding that there is not',
      ['Conv2D', ['x', 'filter'], 'y0', {...images, padding: 'FULL'}],
      'padding = "FULL"',
    ],
    [
      'BatchNorm by the batch',
      ['FusedBatchNormV3', ['x', 'unit', 'unit', 'unit', 'unit'], 'y0', {epsilon: 0.001, is_training: true}],
      'is_training = true',
    ],
    [
      'BatchNorm without its epsilon',
      ['FusedBatchNormV3', ['x', 'unit', 'unit', 'unit', 'unit'], 'y0'],
      'epsilon left out',
    ],
    ['batches of gathers', ['GatherV2', ['x', 'zeros', 'one'], 'y0', {batch_dims: 1}], 'batch_dims = 1'],
    ['an attribute that nobody knows', ['Relu', ['x'], 'y0', {max: 6}], 'max = 6'],
  ])('is refused with %s', (_, line, told) => {
    expect(() => logitsOf([line, ['Reshape', ['y0', 'flattened'], 'rows']])).toThrow(
      expect.objectContaining({
        code: 'E_GRAPH_ATTRIBUTE',
        message: expect.stringContaining(`${line[0]} ('y0') has ${told}`),
      }),
    )
  })

  it('may have what says how it is stored', () => {
    const stored = {T: 'DT_FLOAT', _output_shapes: 'a list of the kind shape', use_cudnn_on_gpu: true}

    expect(
      logitsOf([
        ['Relu', ['x'], 'y0', stored],
        ['Reshape', ['y0', 'flattened'], 'rows'],
      ]).shape,
    ).toEqual([3, 2])
  })
})
