import * as tf from '@tensorflow/tfjs-core'
import {createRandom, openEngine} from '@abd/core/engine'
import type {ModelFile} from '@abd/core/modelfile'
import {afterEach, beforeAll, describe, expect, it, vi} from 'vitest'
import {loadNetwork} from '../../../src/audit/load-network.ts'
import {onnxOperators} from '../../../src/nn/graph/onnx/operators.ts'
import {flow, plain} from '../../../src/nn/graph/value.ts'
import {refusal} from '../modelfile/scratch.ts'

beforeAll(async () => {
  await openEngine('auto')
})
afterEach(() => {
  vi.restoreAllMocks()
})

const node = (op: string, inputs: string[], output: string, attributes = {}) => ({
  op,
  name: output,
  inputs,
  outputs: [output],
  attributes,
})
const w = {dtype: 'float32', shape: [2, 4], data: Float32Array.of(1, 2, -3, 4, 5, -6, 7, 8)}
const file = (...between: ReturnType<typeof node>[]) =>
  ({
    graph: {
      dialect: 'onnx',
      nodes: [...between, node('Gemm', ['rows', 'w'], 'y', {transB: 1})],
      input: {name: 'x', shape: [-1, 1, 2, 2]},
      output: 'y',
    },
    stateDict: new Map([['w', w]]),
    metadata: {opset: 13},
  }) as unknown as ModelFile
const context = {random: createRandom(1)}

describe('loadNetwork, what every audit and distillation begins with', () => {
  const usual = file(node('Flatten', ['x'], 'flat'), node('Relu', ['flat'], 'rows'))

  it('gives a network that answers for each image by itself', async () => {
    using network = await loadNetwork(usual, {}, context)

    expect(network.architecture.classes).toBe(2)
  })

  it('refuses a graph that puts images together before anything is audited', async () => {
    const mixed = file(node('Flatten', ['x'], 'flat'), node('Softmax', ['flat'], 'rows', {axis: 0}))

    expect((await refusal(loadNetwork(mixed, {}, context))).code).toBe('E_GRAPH_BATCH')
  })

  it('refuses one that nothing tells at rest, and keeps no tensor of it', async () => {
    const {numTensors} = tf.memory()
    // An operator that is another one for a single image, which its rule does not know.
    vi.spyOn(onnxOperators as Record<'Relu', (typeof onnxOperators)[string]>, 'Relu').mockImplementation(
      ([x]) => flow(tf.add(tf.relu(plain(x!)), plain(x!).shape[0] === 1 ? 5 : 0)),
    )
    const error = await refusal(loadNetwork(usual, {}, context))

    expect(error.code).toBe('E_BATCH_DEPENDENT')
    expect(tf.memory().numTensors).toBe(numTensors)
  })
})
