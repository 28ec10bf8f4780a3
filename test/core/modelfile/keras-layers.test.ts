import * as tf from '@tensorflow/tfjs-core'
import * as layers from '@tensorflow/tfjs-layers'
import {openEngine} from '@abd/core/engine'
import {networkOf} from '@abd/core/nn'
import {beforeAll, describe, expect, it} from 'vitest'
import {isIdle, kerasLayerAttributes} from '../../../src/nn/graph/keras/keras-layer-attributes.ts'
import {kerasLayers} from '../../../src/nn/graph/keras/keras-layers.ts'
import type {KerasRuntime} from '../../../src/nn/graph/keras/keras-runtime.ts'
import {kerasArchitecture} from '../../../src/nn/graph/keras/keras-architecture.ts'
import {graphOfConfig} from '../../../src/modelfile/keras/graph-of-config.ts'
import {refusal, scratch} from './scratch.ts'

const {read, write} = scratch()

beforeAll(async () => {
  await openEngine('auto')
})

type Config = Record<string, unknown>
type Layer = readonly [class_name: string, config?: Config, inputs?: readonly string[]]

/** A functional model from images of 6 x 5 x 3 to 4 classes: the layers between, one after the other unless they say otherwise. */
function topologyOf(between: readonly Layer[]) {
  const all: Layer[] = [
    ['InputLayer', {batch_input_shape: [null, 6, 5, 3], name: 'in'}],
    ...between,
    ['Flatten'],
    ['Dense', {units: 4, name: 'out'}],
  ]
  const named = all.map(([class_name, config = {}], i) => ({
    class_name,
    config: {name: `layer${i}`, ...config},
  }))
  return {
    class_name: 'Functional',
    config: {
      name: 'model',
      layers: named.map((layer, i) => {
        const from = all[i]![2] ?? (i === 0 ? [] : [named[i - 1]!.config.name])
        return {
          ...layer,
          name: layer.config.name,
          inbound_nodes: from.length === 0 ? [] : [from.map((name) => [name, 0, 0, {}])],
        }
      }),
      input_layers: [['in', 0, 0]],
      output_layers: [['out', 0, 0]],
    },
  }
}

/** TensorFlow.js's own network, and the file that it writes of it. */
async function theirs(between: readonly Layer[]) {
  const model = await layers.models.modelFromJSON({modelTopology: topologyOf(between)})
  model.setWeights(
    model.weights.map(({shape, name}, k) => {
      const positive = name.includes('moving_variance')
      const count = shape.reduce<number>((a, b) => a * (b ?? 1), 1)
      const values = Float32Array.from({length: count}, (_, i) => 0.6 * Math.sin(7 * k + 1.7 * i))
      return tf.tensor(positive ? values.map((value) => 0.1 + value ** 2) : values, shape as number[])
    }),
  )
  let saved: tf.io.ModelArtifacts | undefined
  await model.save(
    tf.io.withSaveHandler((artifacts) => {
      saved = artifacts
      return Promise.resolve({modelArtifactsInfo: {dateSaved: new Date(0), modelTopologyType: 'JSON'}})
    }),
  )
  await write('shard.bin', new Uint8Array(saved!.weightData as ArrayBuffer))
  const text = JSON.stringify({
    format: 'layers-model',
    modelTopology: saved!.modelTopology,
    weightsManifest: [{paths: ['shard.bin'], weights: saved!.weightSpecs}],
  })
  return {model, text}
}

const squeezed: Layer[] = [
  ['Conv2D', {filters: 3, kernel_size: [1, 1], name: 'conv'}],
  ['GlobalAveragePooling2D', {name: 'mean'}],
  ['Dense', {units: 3, activation: 'sigmoid', name: 'weights'}],
  // [N, 3] beside [N, 6, 5, 3].
  ['Multiply', {}, ['conv', 'weights']],
]

describe('a layer computes what TensorFlow.js computes', () => {
  it.each<[string, Layer[]]>([
    [
      'dilated convolution',
      [['Conv2D', {filters: 4, kernel_size: [3, 2], dilation_rate: [2, 2], padding: 'same'}]],
    ],
    [
      'strided convolution without a bias',
      [['Conv2D', {filters: 4, kernel_size: 3, strides: [2, 1], use_bias: false}]],
    ],
    [
      'depthwise convolution',
      [['DepthwiseConv2D', {kernel_size: [3, 3], depth_multiplier: 2, strides: [2, 2], padding: 'same'}]],
    ],
    [
      'separable convolution',
      [['SeparableConv2D', {filters: 5, kernel_size: [3, 3], depth_multiplier: 2, activation: 'tanh'}]],
    ],
    ['BatchNormalization', [['BatchNormalization', {axis: -1, epsilon: 0.01}]]],
    [
      'BatchNormalization without scale and centre',
      [['BatchNormalization', {axis: 3, scale: false, center: false}]],
    ],
    ['ReLU with a limit', [['ReLU', {max_value: 0.4}]]],
    ['LeakyReLU by its default', [['LeakyReLU', {}]]],
    ['LeakyReLU', [['LeakyReLU', {alpha: 0.05}]]],
    ['ELU', [['ELU', {alpha: 1}]]],
    ['hard sigmoid', [['Activation', {activation: 'hard_sigmoid'}]]],
    ['GELU', [['Activation', {activation: 'gelu'}]]],
    ['softmax on the way', [['Softmax', {axis: -1}]]],
    ['average pooling', [['AveragePooling2D', {pool_size: [2, 3], strides: [1, 2], padding: 'same'}]]],
    ['max pooling by its default', [['MaxPooling2D', {}]]],
    [
      'padding of four sizes',
      [
        [
          'ZeroPadding2D',
          {
            padding: [
              [1, 0],
              [2, 3],
            ],
          },
        ],
      ],
    ],
    ['rescaling', [['Rescaling', {scale: 0.5, offset: -1}]]],
    ['reshaping', [['Reshape', {target_shape: [3, 2, 15]}]]],
    ['merging of different ranks', squeezed],
    [
      'concatenation of rows',
      [
        ['Conv2D', {filters: 3, kernel_size: 1, name: 'a'}],
        ['Concatenate', {axis: 1}, ['in', 'a']],
      ],
    ],
  ])('%s', async (_, between) => {
    const {model, text} = await theirs(between)
    using network = networkOf(await read('model.json', text))
    const x = tf.randomUniform<tf.Rank.R4>([3, 6, 5, 3], -1, 1, 'float32', 7)
    const expected = model.predict(x) as tf.Tensor
    const {logits} = network.architecture.forward(network.parameters, x, 'eval')

    expect((await tf.max(tf.abs(expected)).data())[0]).toBeGreaterThan(0.05)
    expect((await tf.max(tf.abs(tf.sub(logits, expected))).data())[0]).toBeLessThan(2e-5)
  })
})

/** The numbers that a layer without weights makes of these, in a file of that framework. */
async function made(layer: Layer, runtime: KerasRuntime, values: readonly number[] = [-2, -0.5, 0.5, 8]) {
  const [class_name, config = {}] = layer
  const found = graphOfConfig('model', {
    class_name: 'Sequential',
    config: [
      {class_name: 'InputLayer', config: {name: 'in', batch_input_shape: [null, 1, values.length, 1]}},
      {class_name, config: {name: 'layer', ...config}},
      {class_name: 'Flatten', config: {name: 'flat'}},
    ],
  })
  if ('refusal' in found) throw found.refusal
  const {architecture} = kerasArchitecture(found.graph, new Map(), {classes: values.length}, runtime)
  const x = tf.tensor4d([...values, ...values], [2, 1, values.length, 1])
  return [...(await architecture.forward(new Map(), x, 'eval').logits.data())].slice(0, values.length)
}

describe('what Keras has and TensorFlow.js does not', () => {
  it.each<[string, Layer, KerasRuntime, number[]]>([
    [
      'ReLU with slope and threshold',
      ['ReLU', {max_value: 6, negative_slope: 0.1, threshold: 0.5}],
      'keras-2',
      [-0.25, -0.1, 0.5, 6],
    ],
    [
      'ELU with alpha',
      ['ELU', {alpha: 0.5}],
      'keras-3',
      [0.5 * (Math.exp(-2) - 1), 0.5 * (Math.exp(-0.5) - 1), 0.5, 8],
    ],
    ['LeakyReLU by its new name', ['LeakyReLU', {negative_slope: 0.1}], 'keras-3', [-0.2, -0.05, 0.5, 8]],
    ['hard sigmoid of Keras 2', ['Activation', {activation: 'hard_sigmoid'}], 'keras-2', [0.1, 0.4, 0.6, 1]],
    [
      'hard sigmoid of Keras 3',
      ['Activation', {activation: 'hard_sigmoid'}],
      'keras-3',
      [1 / 6, 2.5 / 6, 3.5 / 6, 1],
    ],
    [
      'an activation named by an object',
      [
        'Activation',
        {
          activation: {
            module: 'builtins',
            class_name: 'function',
            config: 'relu6',
            registered_name: 'function',
          },
        },
      ],
      'keras-3',
      [0, 0, 0.5, 6],
    ],
    [
      'an activation that is a layer with limits',
      [
        'Activation',
        {
          activation: {
            module: 'keras.layers',
            class_name: 'ReLU',
            config: {name: 'r', max_value: 1, negative_slope: 0.5},
          },
        },
      ],
      'keras-3',
      [-1, -0.25, 0.5, 1],
    ],
    ['a shape with an open size', ['Reshape', {target_shape: [2, -1]}], 'keras-3', [-2, -0.5, 0.5, 8]],
    ['a list of scales', ['Rescaling', {scale: [2], offset: [1]}], 'keras-3', [-3, 0, 2, 17]],
  ])('%s', async (_, layer, runtime, expected) => {
    const found = await made(layer, runtime)

    for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 6)
  })
})

describe('a layer is refused', () => {
  it('unless all that its configuration says is declared', () => {
    expect(Object.keys(kerasLayerAttributes).sort()).toEqual(Object.keys(kerasLayers).sort())
    expect(isIdle('Dropout')).toBe(true)
  })

  it.each<[string, Layer, KerasRuntime, string]>([
    [
      'with a slope that TensorFlow.js ignores',
      ['ReLU', {negative_slope: 0.1}],
      'tfjs',
      'negative_slope = 0.1',
    ],
    ['with a threshold that TensorFlow.js ignores', ['ReLU', {threshold: 1}], 'tfjs', 'threshold = 1'],
    [
      'with a slope by a name that TensorFlow.js ignores',
      ['LeakyReLU', {negative_slope: 0.1}],
      'tfjs',
      'negative_slope = 0.1',
    ],
    ['with two slopes', ['LeakyReLU', {negative_slope: 0.1, alpha: 0.2}], 'keras-3', 'negative_slope = 0.1'],
    ['with an alpha that TensorFlow.js refuses', ['ELU', {alpha: 2}], 'tfjs', 'alpha = 2'],
    [
      'with a hard sigmoid of nobody',
      ['Activation', {activation: 'hard_sigmoid'}],
      'unknown',
      'activation = "hard_sigmoid"',
    ],
    [
      'with an activation of its own',
      ['Activation', {activation: {class_name: 'Mine', config: {}}}],
      'keras-3',
      'activation = ',
    ],
    ['with a softmax along columns', ['Softmax', {axis: 2}], 'keras-3', 'axis = 2'],
    [
      'with channels first',
      ['MaxPooling2D', {data_format: 'channels_first'}],
      'keras-3',
      'data_format = "channels_first"',
    ],
    ['with a padding that there is not', ['MaxPooling2D', {padding: 'full'}], 'keras-3', 'padding = "full"'],
    ['with whole numbers', ['ReLU', {dtype: 'int32'}], 'keras-3', 'dtype = "int32"'],
    ['with an option that nobody knows', ['ReLU', {upside_down: true}], 'keras-3', 'upside_down = true'],
  ])('%s', async (_, layer, runtime, told) => {
    const error = await refusal(made(layer, runtime))

    expect(error.code).toBe('E_GRAPH_ATTRIBUTE')
    expect(error.message).toContain(`${layer[0]} ('layer') has ${told}`)
  })

  it.each<[string, Layer]>([
    ['normalises over images', ['Softmax', {axis: 0}]],
    ['normalises over images by a list', ['Softmax', {axis: [-4]}]],
    ['puts images together', ['Concatenate', {axis: 0}]],
  ])('that %s', async (_, layer) => {
    const error = await refusal(made(layer, 'keras-3'))

    expect(error.code).toBe('E_GRAPH_BATCH')
    expect(error.message).toContain(`${layer[0]} ('layer')`)
  })

  const called = (inbound: unknown) => {
    const topology = topologyOf([['BatchNormalization', {name: 'norm'}]])
    const changed = topology.config.layers.map((layer) =>
      layer.name === 'norm' ? {...layer, inbound_nodes: inbound} : layer,
    )
    return graphOfConfig('model', {...topology, config: {...topology.config, layers: changed}})
  }
  const tensor = {class_name: '__keras_tensor__', config: {keras_history: ['in', 0, 0]}}

  it.each([
    ['Keras 2', [[['in', 0, 0, {training: true}]]]],
    ['Keras 3', [{args: [tensor], kwargs: {training: true, mask: null}}]],
  ])('that is called in training mode by %s', (_, inbound) => {
    expect(called(inbound)).toMatchObject({
      refusal: {message: expect.stringContaining("the layer 'norm' is called with training = true")},
    })
  })

  it.each([
    ['Keras 2', [[['in', 0, 0, {training: false}]]]],
    ['Keras 3', [{args: [tensor], kwargs: {mask: null}}]],
  ])('and not where it is called in inference by %s', (_, inbound) => {
    expect(called(inbound)).toHaveProperty('graph')
  })
})
