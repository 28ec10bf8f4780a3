import * as tf from '@tensorflow/tfjs-core'
import type {Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import type {Graph, GraphNode} from '../../../modelfile/plan.ts'
import type {StateDict, StateTensor} from '../../../modelfile/state-dict.ts'
import type {Architecture, ParameterSpec} from '../../architecture.ts'
import {toTorchOrder} from '../../memory-layout.ts'
import type {ArchitectureHints} from '../../infer-architecture.ts'
import {numberOf, numbersOf, textOf} from '../attributes.ts'
import {checkAttributes} from '../declared-attributes.ts'
import {unsupported} from '../errors.ts'
import {runGraph} from '../run-graph.ts'
import {refuse as refuseBatch} from '../batch/step.ts'
import {flow, plain} from '../value.ts'
import {isIdle, isUntold, kerasLayerAttributes} from './keras-layer-attributes.ts'
import {kerasLayers} from './keras-layers.ts'
import type {KerasRuntime} from './keras-runtime.ts'

/**
 * A Keras model as an architecture. Its weights keep their names, `layer/kernel`; kernels are [out, in, h, w] and
 * [out, in] from here on, as everywhere. A softmax at the very end is left out. Throws E_GRAPH, E_GRAPH_ATTRIBUTE,
 * and E_GRAPH_BATCH for a layer that puts images together.
 */
export function kerasArchitecture(
  graph: Graph,
  stateDict: StateDict,
  {input: given, classes}: ArchitectureHints,
  runtime: KerasRuntime,
): {readonly architecture: Architecture; readonly stateDict: StateDict} {
  const missing = [...new Set(graph.nodes.map(({op}) => op))].filter((op) => !Object.hasOwn(kerasLayers, op))
  if (missing.length > 0) throw unsupported(`it has layers of the classes ${missing.slice(0, 10).join(', ')}`)
  checkAttributes(
    graph.nodes.filter(({op}) => !isIdle(op)),
    kerasLayerAttributes,
    {ignored: isUntold},
  )
  const nodes = withoutSoftmax(graph)
  const {specs, weights} = parametersOf(nodes.nodes, stateDict)
  const head = nodes.nodes.findLast(({op, name}) => op === 'Dense' && specs.has(`${name}/kernel`))
  const headName = head ? `${head.name}/kernel` : ([...specs.keys()].at(-1) ?? '')
  const columns = classes ?? specs.get(headName)?.shape[0]
  if (columns === undefined) throw unsupported('its last layer is not dense; give --classes')
  const shape = graph.input.shape.slice(1)
  const size = [0, 1, 2].map((i) => ((shape[i] ?? -1) > 0 ? shape[i]! : (given?.[i] ?? (i === 2 ? 3 : -1))))
  if (size.some((n) => n < 1)) throw unsupported('it does not say for which size of images; give --input')
  if (given?.some((n, i) => n !== size[i]))
    throw unsupported(`it takes images of ${size.join(' x ')}, not ${given.join(' x ')}`)
  const architecture: Architecture = {
    name: 'keras',
    classes: columns,
    input: size as [number, number, number],
    parameters: specs,
    head: headName,
    forward(parameters, x: Tensor4D) {
      const {output, headInput, activations} = runGraph({
        graph: nodes,
        input: flow(x),
        constant: () => undefined,
        compute(node, inputs) {
          if (node.op === 'InputLayer') return flow(x)
          const tensors = inputs.map((value) => {
            if (!value) throw unsupported(`the layer '${node.name}' lacks an input`)
            return plain(value)
          })
          const made = kerasLayers[node.op]!(tensors, {
            node,
            weight: (name) => parameters.get(`${node.name}/${name}`),
            runtime,
          })
          if (made.shape[0] !== x.shape[0])
            throw refuseBatch(node, `makes [${made.shape.join(', ')}] of ${x.shape[0]} images`)
          return flow(made)
        },
        head,
        channelsLast: true,
      })
      const logits = plain(output)
      if (logits.rank !== 2 || logits.shape[1] !== columns)
        throw unsupported(`its output is [${logits.shape.join(', ')}], not ${columns} numbers an image`)
      const features = headInput ? plain(headInput) : logits
      return {
        logits: logits as Tensor2D,
        activations,
        features: tf.reshape(features, [x.shape[0], features.size / x.shape[0]]),
        moments: new Map(),
      }
    },
  }
  return {architecture, stateDict: weights}
}

function withoutSoftmax(graph: Graph): Graph {
  const last = graph.nodes.find(({outputs}) => outputs.includes(graph.output))
  if (!last) return graph
  const overClasses = [-1, 1].includes(numbersOf(last, 'axis')?.[0] ?? numberOf(last, 'axis', -1))
  if (
    (last.op === 'Softmax' && overClasses) ||
    (last.op === 'Activation' && textOf(last, 'activation') === 'softmax')
  )
    return {...graph, nodes: graph.nodes.filter((node) => node !== last), output: last.inputs[0]!}
  if (textOf(last, 'activation') !== 'softmax') return graph
  const plainLast: GraphNode = {...last, attributes: {...last.attributes, activation: 'linear'}}
  return {...graph, nodes: graph.nodes.map((node) => (node === last ? plainLast : node))}
}

const isFloat = ({data}: StateTensor) => data instanceof Float32Array || data instanceof Float64Array

function parametersOf(nodes: readonly GraphNode[], stateDict: StateDict) {
  const specs = new Map<string, ParameterSpec>()
  const weights = new Map<string, StateTensor>()
  const ops = new Map(nodes.map(({name, op}) => [name, op]))
  for (const [name, tensor] of stateDict) {
    const [layer = '', weight = ''] = name.split('/')
    const op = ops.get(layer)
    if (op === undefined || !isFloat(tensor)) continue
    const [a = 0, b = 0, c = 0, d = 0] = tensor.shape
    const spec: ParameterSpec =
      op === 'Conv2D' && weight === 'kernel' && tensor.shape.length === 4
        ? {role: 'convolution', shape: [d, c, a, b], initial: {constant: 0}}
        : op === 'Dense' && weight === 'kernel' && tensor.shape.length === 2
          ? {role: 'linear', shape: [b, a], initial: {constant: 0}}
          : {role: 'bias', shape: tensor.shape, initial: {constant: 0}}
    specs.set(name, spec)
    weights.set(
      name,
      spec.role === 'bias'
        ? tensor
        : {dtype: 'float32', shape: spec.shape, data: toTorchOrder(spec, tensor.data as Float32Array)},
    )
  }
  return {specs, weights}
}
