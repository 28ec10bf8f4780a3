import {writeFile} from 'node:fs/promises'
import {loadGraphModelSync} from '@tensorflow/tfjs-converter'
import * as tf from '@tensorflow/tfjs-core'
import {openEngine} from '@abd/core/engine'
import {networkOf} from '@abd/core/nn'
import {beforeAll, describe, expect, it} from 'vitest'
import {GraphBuilder} from './build-tfjs-graph.ts'
import {refusal, rules, scratch} from './scratch.ts'

const {path, read} = scratch()

beforeAll(async () => {
  await openEngine('auto')
})

/** What TensorFlow.js's converter makes of a network like MobileNet, with a shape computed on the way. */
function classifier() {
  const graph = new GraphBuilder()
  const x = graph.placeholder('image', [-1, 9, 8, 3])
  const images = {strides: [1, 1, 1, 1], dilations: [1, 1, 1, 1], data_format: 'NHWC'}
  const same = {...images, padding: 'SAME'}
  const stem = graph.node('_FusedConv2D', [x, graph.weight([3, 3, 3, 8]), graph.weight([8])], {
    ...same,
    strides: [1, 2, 2, 1],
    fused_ops: ['BiasAdd', 'Relu6'],
    num_args: 1,
  })
  const deep = graph.node(
    'FusedDepthwiseConv2dNative',
    [stem, graph.weight([3, 3, 8, 1]), graph.weight([8])],
    {
      ...same,
      fused_ops: ['BiasAdd', 'Relu'],
      num_args: 1,
    },
  )
  const padded = graph.node('Pad', [deep, graph.ints([4, 2], [0, 0, 1, 1, 1, 1, 0, 0])])
  const conv = graph.node('Conv2D', [padded, graph.weight([3, 3, 8, 8])], {...images, padding: 'VALID'})
  const normal = graph.node(
    'FusedBatchNormV3',
    [conv, graph.weight([8], 1), graph.weight([8]), graph.weight([8]), graph.weight([8], 2)],
    {epsilon: 0.001, is_training: false},
  )
  const sum = graph.node('AddV2', [stem, graph.node('Elu', [normal])])
  const both = graph.node('ConcatV2', [
    graph.node('MaxPool', [sum], {ksize: [1, 3, 3, 1], ...same, strides: [1, 2, 2, 1]}),
    graph.node('AvgPool', [sum], {ksize: [1, 3, 3, 1], ...same, strides: [1, 2, 2, 1]}),
    graph.ints([], [-1]),
  ])
  const squeezed = graph.node('Mean', [both, graph.ints([2], [1, 2])], {keep_dims: true})
  const scaled = graph.node('Mul', [both, graph.node('Sigmoid', [squeezed])])
  const batch = graph.node(
    'StridedSlice',
    [graph.node('Shape', [scaled]), graph.ints([1], [0]), graph.ints([1], [1]), graph.ints([1], [1])],
    {shrink_axis_mask: 1},
  )
  const shape = graph.node('Pack', [batch, graph.ints([], [3 * 2 * 16])], {axis: 0})
  const flat = graph.node('Reshape', [scaled, shape])
  const hidden = graph.node('_FusedMatMul', [flat, graph.weight([96, 6]), graph.weight([6])], {
    fused_ops: ['BiasAdd', 'Relu'],
    num_args: 1,
  })
  const logits = graph.node('BiasAdd', [
    graph.node('MatMul', [hidden, graph.weight([6, 5])]),
    graph.weight([5]),
  ])
  return {graph, x, logits}
}

async function write({graph, output}: {graph: GraphBuilder; output: string}, cut: number) {
  const {json, data} = graph.model(output, ['group1-shard1of2.bin', 'group1-shard2of2.bin'])
  await writeFile(path('group1-shard1of2.bin'), data.subarray(0, cut))
  await writeFile(path('group1-shard2of2.bin'), data.subarray(cut))
  return Buffer.from(JSON.stringify(json))
}

describe('TensorFlow.js graph models', () => {
  const {graph, logits} = classifier()
  const probabilities = graph.node('Identity', [graph.node('Softmax', [logits])])

  it("give what TensorFlow.js's own runtime gives, their weights in two shards", async () => {
    // The cut lies in the middle of a number.
    const file = await read('model.json', await write({graph, output: probabilities}, 1001))
    using network = networkOf(file)
    const x = tf.randomUniform<tf.Rank.R4>([2, 9, 8, 3], 0, 1, 'float32', 7)
    const {logits: found, activations} = network.architecture.forward(network.parameters, x, 'eval')
    const {json, data} = graph.model(logits, ['a.bin'])
    const theirs = loadGraphModelSync({
      ...json,
      weightSpecs: json.weightsManifest[0]!.weights,
      weightData: Uint8Array.from(data).buffer,
    } as never)
    const expected = theirs.predict(x) as tf.Tensor
    const difference = await tf.max(tf.abs(tf.sub(found, expected))).data()

    expect(file.scan).toEqual([])
    expect(file.format).toBe('tfjs')
    expect([network.architecture.classes, network.architecture.input]).toEqual([5, [9, 8, 3]])
    expect((await tf.max(tf.abs(expected)).data())[0]).toBeGreaterThan(0.1)
    expect(difference[0]).toBeLessThan(1e-5)
    expect(activations.length).toBeGreaterThan(0)
  })

  it('are differentiable, in the image and in the weights', async () => {
    using network = networkOf(await read('model.json', await write({graph, output: probabilities}, 64)))
    const x = tf.randomUniform<tf.Rank.R4>([1, 9, 8, 3], 0, 1, 'float32', 8)
    const {architecture, parameters} = network
    const loss = (image: tf.Tensor, head: tf.Tensor) =>
      tf.sum<tf.Scalar>(
        architecture.forward(
          new Map([...parameters, [architecture.head, head]]),
          image as tf.Tensor4D,
          'eval',
        ).logits,
      )
    const gradients = tf.grads((image, head) => loss(image, head))([x, parameters.get(architecture.head)!])

    for (const gradient of gradients) expect((await tf.max(tf.abs(gradient)).data())[0]).toBeGreaterThan(0)
  })

  it('are refused with a shard that is missing or too short', async () => {
    const json = await write({graph, output: logits}, 64)
    await writeFile(path('group1-shard2of2.bin'), new Uint8Array(8))

    expect((await refusal(read('model.json', json))).code).toBe('E_FILE_TRUNCATED')
  })

  const last = (nodes: Record<string, unknown>[]) => nodes.find(({name}) => name === logits)!
  const damaged = (change: (nodes: Record<string, unknown>[]) => unknown) => {
    const {json} = graph.model(logits, ['group1-shard1of2.bin'])
    const nodes = JSON.parse(JSON.stringify(json.modelTopology.node)) as Record<string, unknown>[]
    const changed = change(nodes) ?? nodes
    return Buffer.from(JSON.stringify({...json, modelTopology: {node: changed}}))
  }

  it.each([
    ['a node twice', (nodes) => [...nodes, nodes[0]!]],
    ['an input that there is not', (nodes) => void (last(nodes)['input'] = ['nothing'])],
    ['a node that needs itself', (nodes) => void (last(nodes)['input'] = [logits])],
    ['a node without a name', (nodes) => [...nodes, {op: 'Relu'}]],
  ] as [string, (nodes: Record<string, unknown>[]) => unknown][])('are broken with %s', async (_, change) => {
    expect((await refusal(read('model.json', damaged(change)))).code).toBe('E_TFJS')
  })

  it('that are no classifiers are refused with the way out', async () => {
    const error = await refusal(
      read(
        'model.json',
        damaged(() => []),
      ),
    )

    expect([error.code, error.exit]).toEqual(['E_FORMAT_UNSUPPORTED', 4])
    expect(error.hints.join(' ')).toContain('ONNX')
  })

  it('with an operator that touches files are dangerous', async () => {
    const file = await read(
      'model.json',
      damaged((nodes) => [...nodes, {name: 'r', op: 'ReadFile', input: []}]),
    )

    expect(rules(file)).toEqual(['ABD-F055 high'])
  })

  it('with an operator that abd does not run say which', async () => {
    await write({graph, output: logits}, graph.model(logits, ['a']).data.length)
    const file = await read(
      'model.json',
      damaged((nodes) => void (last(nodes)['op'] = 'FFT2D')),
    )

    expect(() => networkOf(file)).toThrow('FFT2D')
  })
})
