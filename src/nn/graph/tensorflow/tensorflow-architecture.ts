import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'
import type {Graph, GraphNode} from '../../../modelfile/plan.ts'
import type {StateDict, StateTensor} from '../../../modelfile/state-dict.ts'
import type {Architecture, ParameterSpec} from '../../architecture.ts'
import type {ArchitectureHints} from '../../infer-architecture.ts'
import {createBatchWatch} from '../batch/create-batch-watch.ts'
import {checkAttributes} from '../declared-attributes.ts'
import {toTorchOrder} from '../../memory-layout.ts'
import {unsupported} from '../errors.ts'
import {runGraph} from '../run-graph.ts'
import {flow, host, plain, type Value} from '../value.ts'
import {tensorflowBatchRules} from './batch-rules.ts'
import {isBookkeeping, tensorflowAttributes} from './tensorflow-attributes.ts'
import {tensorflowOperators} from './tensorflow-operators.ts'

/** Constants of at most so many numbers that no layer takes for weights are shapes, bounds and factors. */
const SMALL = 64

const convolutions = ['Conv2D', '_FusedConv2D', 'DepthwiseConv2dNative', 'FusedDepthwiseConv2dNative']
const products = ['MatMul', '_FusedMatMul']
const shaping = [
  'Reshape',
  'Transpose',
  'Pad',
  'PadV2',
  'MirrorPad',
  'StridedSlice',
  'Mean',
  'Sum',
  'Max',
  'Pack',
]

/**
 * TensorFlow's operators (a TensorFlow.js graph model) as an architecture. Weights keep the names of their nodes; filters
 * are [out, in, h, w] and matrices [out, in] from here on, as everywhere. A softmax at the very end is left out.
 * Throws E_GRAPH, E_GRAPH_ATTRIBUTE; its first pass of two images or more E_GRAPH_BATCH where it does not compute each of
 * them on its own.
 */
export function tensorflowArchitecture(
  given: Graph,
  stateDict: StateDict,
  {input: hint, classes}: ArchitectureHints,
): {readonly architecture: Architecture; readonly stateDict: StateDict} {
  const graph = withoutSoftmax(given)
  const missing = [...new Set(graph.nodes.map(({op}) => op))].filter(
    (op) => !Object.hasOwn(tensorflowOperators, op),
  )
  if (missing.length > 0) throw unsupported(`it has the operators ${missing.slice(0, 10).join(', ')}`)
  checkAttributes(graph.nodes, tensorflowAttributes, {ignored: isBookkeeping})
  const watch = createBatchWatch(tensorflowBatchRules)
  const constantOf = aliases(graph, stateDict)
  const {specs, weights} = weightsOf(graph, stateDict, constantOf)
  const constants = constantsOf(stateDict, weights)
  const weightOf = (node: GraphNode) => specs.get(constantOf(node.inputs[1] ?? ''))
  const head = graph.nodes.findLast((node) => products.includes(node.op) && weightOf(node))
  const last = head ?? graph.nodes.findLast((node) => convolutions.includes(node.op) && weightOf(node))
  const columns = classes ?? (last && weightOf(last)?.shape[0])
  if (columns === undefined) throw unsupported('its last layer is not dense; give --classes')
  const architecture: Architecture = {
    name: 'tensorflow',
    classes: columns,
    input: inputOf(graph.input.shape, hint),
    parameters: specs,
    head: last ? constantOf(last.inputs[1] ?? '') : ([...specs.keys()].at(-1) ?? ''),
    forward(parameters, x: Tensor4D) {
      const run = {opset: 13, batch: {declared: graph.input.shape[0] ?? -1, actual: x.shape[0]}}
      const input = flow(x)
      const {compute, check} = watch((node, inputs) => tensorflowOperators[node.op]!(inputs, node, run), {
        input,
        run,
      })
      const {output, headInput, activations} = runGraph({
        graph,
        input,
        constant(name): Value | undefined {
          const parameter = parameters.get(constantOf(name))
          return parameter ? flow(parameter) : constants.get(constantOf(name))
        },
        compute,
        head,
        channelsLast: true,
      })
      check(output)
      const logits = plain(output)
      // A softmax that was left out goes along the last axis.
      if (logits.size !== x.shape[0] * columns || (graph !== given && logits.shape.at(-1) !== columns))
        throw unsupported(`its output is [${logits.shape.join(', ')}], not ${columns} numbers an image`)
      const features = headInput ? plain(headInput) : logits
      return {
        logits: tf.reshape<tf.Rank.R2>(logits, [x.shape[0], columns]),
        activations,
        features: tf.reshape<tf.Rank.R2>(features, [x.shape[0], features.size / x.shape[0]]),
        moments: new Map(),
      }
    },
  }
  return {architecture, stateDict: weights}
}

/** Up to what a final softmax is given, whatever passes it on. */
function withoutSoftmax(graph: Graph): Graph {
  let output = graph.output
  for (;;) {
    const last = graph.nodes.find(({name}) => name === output)
    const [before] = last?.inputs ?? []
    if (before === undefined) return graph
    if (last!.op === 'Softmax')
      return {...graph, nodes: graph.nodes.slice(0, graph.nodes.indexOf(last!)), output: before}
    if (last!.op !== 'Identity') return graph
    output = before
  }
}

/** The weight behind a name: frozen variables are often read through an Identity. */
function aliases(graph: Graph, stateDict: StateDict): (name: string) => string {
  const known = new Map<string, string>()
  for (const {op, name, inputs} of graph.nodes) {
    const [from = ''] = inputs
    const constant = known.get(from) ?? from
    if (op === 'Identity' && stateDict.has(constant)) known.set(name, constant)
  }
  return (name) => known.get(name) ?? name
}

const isFloat = ({data}: StateTensor) => data instanceof Float32Array || data instanceof Float64Array

function weightsOf(graph: Graph, stateDict: StateDict, constantOf: (name: string) => string) {
  const uses = new Map<string, {readonly node: GraphNode; readonly place: number}[]>()
  for (const node of graph.nodes)
    for (const [place, input] of node.inputs.entries()) {
      const name = constantOf(input)
      if (node.op !== 'Identity' && stateDict.has(name))
        uses.set(name, [...(uses.get(name) ?? []), {node, place}])
    }
  const specs = new Map<string, ParameterSpec>()
  const weights = new Map<string, StateTensor>()
  for (const [name, tensor] of stateDict) {
    const used = uses.get(name)
    if (!used || !isFloat(tensor) || used.every(({node, place}) => shaping.includes(node.op) && place > 0))
      continue
    const isWeight = used.some(
      ({node, place}) =>
        place > 0 &&
        (convolutions.includes(node.op) ||
          products.includes(node.op) ||
          node.op === 'BiasAdd' ||
          node.op.startsWith('FusedBatchNorm')),
    )
    if (!isWeight && tensor.data.length <= SMALL) continue
    const spec = specOf(tensor, used)
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

function specOf(
  {shape}: StateTensor,
  used: readonly {readonly node: GraphNode; readonly place: number}[],
): ParameterSpec {
  const [a = 0, b = 0, c = 0, d = 0] = shape
  const only = (test: (node: GraphNode) => boolean) =>
    used.every(({node, place}) => place === 1 && test(node))
  if (shape.length === 4 && only(({op}) => op === 'Conv2D' || op === '_FusedConv2D'))
    return {role: 'convolution', shape: [d, c, a, b], initial: {constant: 0}}
  if (
    shape.length === 2 &&
    only(({op, attributes}) => products.includes(op) && attributes['transpose_b'] !== true)
  )
    return {role: 'linear', shape: [b, a], initial: {constant: 0}}
  return {role: 'bias', shape, initial: {constant: 0}}
}

const constantsOf = (stateDict: StateDict, weights: ReadonlyMap<string, unknown>): Map<string, Value> =>
  new Map(
    [...stateDict]
      .filter(([name, {data}]) => !weights.has(name) && data.length <= 1_000_000)
      .map(([name, tensor]) => [
        name,
        host(Array.from(tensor.data as ArrayLike<number | bigint>, Number), tensor.shape, !isFloat(tensor)),
      ]),
  )

function inputOf(
  declared: readonly number[],
  given: ArchitectureHints['input'],
): readonly [number, number, number] {
  const [height, width, channels] = [1, 2, 3].map((axis) => {
    const size = declared[axis] ?? -1
    return size > 0 ? size : (given?.[axis - 1] ?? (axis === 3 ? 3 : -1))
  }) as [number, number, number]
  const input = [height, width, channels] as const
  if (input.some((n) => n < 1)) throw unsupported('it does not say for which size of images; give --input')
  if (given?.some((n, i) => n !== input[i]))
    throw unsupported(`it takes images of ${input.join(' x ')}, not ${given.join(' x ')}`)
  return input
}
