import {writeFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import {openEngine} from '@abd/core/engine'
import {readModelFile} from '@abd/core/modelfile'
import {networkOf} from '@abd/core/nn'
import {beforeAll, describe, expect, it} from 'vitest'
import {refusal, rules, scratch} from './scratch.ts'

const {path, read} = scratch()

const dense = (name: string, units: number, more = {}) => ({
  class_name: 'Dense',
  config: {name, units, activation: 'linear', use_bias: true, ...more},
})
const topology = (layers: object[], more = {}) => ({
  class_name: 'Sequential',
  config: {name: 'm', layers, ...more},
})
const image = {class_name: 'InputLayer', config: {name: 'in', batch_input_shape: [null, 1, 2, 1]}}
const flatten = {class_name: 'Flatten', config: {name: 'flatten'}}
const layers = [image, flatten, dense('dense', 2, {activation: 'softmax'})]
const manifest = (paths: string[]) => [
  {
    paths,
    weights: [
      {name: 'dense/kernel', shape: [2, 2], dtype: 'float32'},
      {name: 'dense/bias', shape: [2], dtype: 'float32'},
    ],
  },
]
const model = (modelTopology: object, weightsManifest: object = manifest(['shard.bin'])) =>
  Buffer.from(JSON.stringify({format: 'layers-model', modelTopology, weightsManifest}))

beforeAll(async () => {
  await openEngine('auto')
  // kernel [in, out] = [[1, 2], [3, 4]], bias [10, 20]
  await writeFile(path('shard.bin'), new Uint8Array(Float32Array.of(1, 2, 3, 4, 10, 20).buffer))
})

describe('TensorFlow.js layers models', () => {
  it('are read with their shards, and run without the last softmax', async () => {
    const file = await read('model.json', model({model_config: topology(layers)}))
    using network = networkOf(file)
    const {logits} = network.architecture.forward(
      network.parameters,
      tf.tensor4d([1, 1], [1, 1, 2, 1]),
      'eval',
    )

    expect(file.format).toBe('tfjs')
    expect(file.scan).toEqual([])
    expect([network.architecture.classes, network.architecture.input]).toEqual([2, [1, 2, 1]])
    // 1 + 3 + 10 and 2 + 4 + 20
    expect([...(await logits.data())]).toEqual([14, 26])
  })

  it('may be quantised', async () => {
    await writeFile(path('small.bin'), Uint8Array.of(0, 1, 2, 3, 10, 20))
    const quantization = {dtype: 'uint8', scale: 0.5, min: 1}
    const weights = manifest(['small.bin'])[0]!.weights.map((weight) => ({...weight, quantization}))
    const {stateDict} = await read('model.json', model(topology(layers), [{paths: ['small.bin'], weights}]))

    expect([...stateDict.get('dense/kernel')!.data]).toEqual([1, 1.5, 2, 2.5])
  })

  it.each(['../shard.bin', '/etc/passwd', 'https://example.org/shard.bin', 'a/b.bin', '.hidden'])(
    'may not name other files: %s',
    async (name) => {
      const file = await read('model.json', model(topology(layers), manifest([name])))

      expect(rules(file)).toEqual(['ABD-F050 high'])
      expect(file.stateDict.size).toBe(0)
    },
  )

  it.each([
    ['a Lambda layer', topology([image, {class_name: 'Lambda', config: {function: 'x'}}]), ['ABD-F051 high']],
    ['a layer of its own', topology([image, {class_name: 'Mine', config: {name: 'x'}}]), ['ABD-F052 high']],
    [
      'a module to import',
      topology([image, {...dense('d', 2), module: 'os', registered_name: null}]),
      ['ABD-F053 high'],
    ],
  ])('that run code are blocked: %s', async (_, config, expected) => {
    expect(rules(await read('model.json', model(config)))).toEqual(expected)
  })

  it('with a shard that is too short are an error', async () => {
    await writeFile(path('short.bin'), new Uint8Array(8))

    expect((await refusal(read('model.json', model(topology(layers), manifest(['short.bin']))))).code).toBe(
      'E_FILE_TRUNCATED',
    )
    expect((await refusal(read('model.json', model(topology(layers), manifest(['none.bin']))))).code).toBe(
      'E_FILE_MISSING',
    )
  })

  it('with a key twice say so', async () => {
    const text = model(topology(layers)).toString().replace('{"format"', '{"format":"x","format"')

    expect(rules(await read('model.json', text))).toEqual(['ABD-F064 medium'])
  })

  it('of operators are refused with the way out', async () => {
    const error = await refusal(read('model.json', model({node: []})))

    expect([error.code, error.exit]).toEqual(['E_FORMAT_UNSUPPORTED', 4])
    expect(error.hints.join(' ')).toContain('ONNX')
  })
})

describe('Keras models', () => {
  // Normalised: 2 (x - 0.5) / 2 + 1 = x + 0.5. Of [1, 2]: [1.5, 2.5]; 1.5 + 3 · 2.5 + 10 = 19, 2 · 1.5 + 4 · 2.5 + 20 = 33.
  it.each(['small.h5', 'small.keras'])('are read and run without the last softmax: %s', async (name) => {
    const file = await readModelFile(
      fileURLToPath(new URL(`../../fixtures/modelfile/keras/${name}`, import.meta.url)),
    )
    using network = networkOf(file)
    const x = tf.tensor4d([1, 2], [1, 1, 2, 1])
    const {logits} = network.architecture.forward(network.parameters, x, 'eval')

    expect(file.scan).toEqual([])
    expect([network.architecture.classes, network.architecture.head]).toEqual([2, 'out/kernel'])
    const [a, b] = await logits.data()
    expect(a).toBeCloseTo(19, 4)
    expect(b).toBeCloseTo(33, 4)
  })

  it('are parsed in a process without rights too', async () => {
    const path = fileURLToPath(new URL('../../fixtures/modelfile/keras/small.h5', import.meta.url))

    expect(await readModelFile(path, {isolate: true})).toEqual(await readModelFile(path, {isolate: false}))
  })
})
