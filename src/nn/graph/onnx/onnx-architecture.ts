import * as tf from '@tensorflow/tfjs-core'
import type {Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import type {Graph, GraphNode} from '../../../modelfile/plan.ts'
import type {StateDict, StateTensor} from '../../../modelfile/state-dict.ts'
import type {Architecture, ParameterSpec, Parameters} from '../../architecture.ts'
import {numberOf} from '../attributes.ts'
import {checkAttributes} from '../declared-attributes.ts'
import {createBatchWatch} from '../batch/create-batch-watch.ts'
import type {Followed} from '../batch/follow-batch.ts'
import {unsupported} from '../errors.ts'
import {runGraph, type GraphPass, type GraphRun} from '../run-graph.ts'
import {flow, host, plain, shapeOf, type Value} from '../value.ts'
import {onnxAttributes} from './onnx-attributes.ts'
import {onnxBatchRules} from './batch-rules.ts'
import {axisOf, type RunFacts} from './operator.ts'
import {onnxOperators} from './operators.ts'

export interface GraphHints {
  /** Height, width, channels, where the file leaves them open. */
  readonly input?: readonly [number, number, number]
  readonly classes?: number
}

/** Constants of at most so many numbers that are no weights are shapes, bounds and factors: never on the engine. */
const SMALL = 64

/** Where a node takes weights. */
const weightPlaces: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  Gemm: [1, 2],
  MatMul: [0, 1],
  BatchNormalization: [1, 2, 3, 4],
  LayerNormalization: [1, 2],
  PRelu: [1],
}

const isFloat = ({data}: StateTensor) => data instanceof Float32Array || data instanceof Float64Array

/**
 * A classifier that carries its own graph, as an architecture: its weights by the names that the file gives them. A
 * softmax at the very end is left out, so that the outputs are logits. BatchNorm always goes by its running statistics.
 * Throws E_GRAPH for operators that there are none of, E_GRAPH_ATTRIBUTE for attributes that they do not have, and where classes or image size are neither said nor given; its
 * first pass of two images or more E_GRAPH_BATCH where it does not compute each of them on its own.
 */
export function onnxArchitecture(
  graph: Graph,
  stateDict: StateDict,
  opset: number,
  hints: GraphHints,
): Architecture {
  if (graph.input.shape.length !== 4) throw unsupported('its input is not images')
  const {shorter, softmax} = withoutSoftmax(graph)
  const program = onnxProgram(shorter, stateDict, opset)
  if (softmax) checkAttributes([softmax], onnxAttributes, {opset})
  const {nodes, weights, head} = program
  const declared = graph.input.shape
  const channelsLast = isChannelsLast(declared)
  const watch = createBatchWatch(onnxBatchRules)
  const classes = hints.classes ?? classesOf(head, nodes, weights)
  if (classes === undefined) throw unsupported('its last layer is not linear; give --classes')
  return {
    name: 'onnx',
    classes,
    input: inputOf(declared, channelsLast, hints.input),
    parameters: weights,
    head: head?.inputs[1] ?? [...weights.keys()].at(-1) ?? '',
    forward(parameters: Parameters, x: Tensor4D) {
      const input = flow(x, !channelsLast)
      let followed: Followed | undefined
      const watching: Watching = (compute, run) => (followed = watch(compute, {input, run})).compute
      const {output, headInput, activations} = program.run(parameters, input, x.shape[0], watching)
      followed?.check(output)
      if (softmax) checkSoftmax(softmax, shapeOf(output), classes, opset)
      const logits = flat(plain(output), classes)
      const features = headInput ? flat(plain(headInput)) : logits
      return {logits, activations, features, moments: new Map()}
    },
  }
}

type Compute = GraphRun['compute']
/** What else sees each node that is run. */
type Watching = (compute: Compute, run: RunFacts) => Compute

interface OnnxProgram {
  readonly nodes: readonly GraphNode[]
  readonly weights: ReadonlyMap<string, ParameterSpec>
  /** The last linear layer. */
  readonly head: GraphNode | undefined
  /** `batch`: how many images there are in the input. */
  run(parameters: Parameters, input: Value, batch: number, watching?: Watching): GraphPass
}

/** Any graph of known operators with one input, of whatever shape. Throws E_GRAPH. */
export function onnxProgram(graph: Graph, stateDict: StateDict, opset: number): OnnxProgram {
  const {nodes} = graph
  const missing = [...new Set(nodes.map(({op}) => op))].filter((op) => !Object.hasOwn(onnxOperators, op))
  if (missing.length > 0) throw unsupported(`it has the operators ${missing.slice(0, 10).join(', ')}`)
  checkAttributes(nodes, onnxAttributes, {opset})
  const weights = weightsOf(nodes, stateDict)
  const head = nodes.findLast(
    ({op, inputs}) => (op === 'Gemm' || op === 'MatMul') && weights.has(inputs[1] ?? ''),
  )
  const constants = constantsOf(stateDict, weights)
  return {
    nodes,
    weights,
    head,
    run(parameters, input, actual, watching = (compute) => compute) {
      const run = {opset, batch: {declared: graph.input.shape[0] ?? -1, actual}}
      return runGraph({
        graph,
        input,
        constant(name): Value | undefined {
          const parameter = parameters.get(name)
          if (!parameter) return constants.get(name)
          const {role} = weights.get(name)!
          return flow(parameter, role === 'convolution' || role === 'linear')
        },
        compute: watching((node, inputs) => onnxOperators[node.op]!(inputs, node, run), run),
        head,
      })
    },
  }
}

function flat(x: ReturnType<typeof plain>, columns?: number): Tensor2D {
  const [rows = 1] = x.shape
  if (columns !== undefined && x.size !== rows * columns)
    throw unsupported(`its output is [${x.shape.join(', ')}], not ${columns} numbers an image`)
  return x.rank === 2 ? (x as Tensor2D) : tf.reshape(x, [rows, x.size / rows])
}

/** The graph up to what a final softmax is given. */
function withoutSoftmax(graph: Graph): {readonly shorter: Graph; readonly softmax?: GraphNode} {
  const last = graph.nodes.find(({outputs}) => outputs.includes(graph.output))
  if (last?.op !== 'Softmax') return {shorter: graph}
  const shorter = {
    ...graph,
    nodes: graph.nodes.filter((node) => node !== last),
    output: last.inputs[0]!,
  }
  return {shorter, softmax: last}
}

/** What is left out must be a softmax over the classes: along images, or an axis of one, it is something else. */
function checkSoftmax(node: GraphNode, shape: readonly number[], classes: number, opset: number): void {
  const axis = axisOf(numberOf(node, 'axis', opset < 13 ? 1 : -1), shape.length)
  const summed = opset < 13 ? shape.slice(axis) : shape.slice(axis, axis + 1)
  if (summed.reduce((a, b) => a * b, 1) === classes) return
  throw unsupported(
    `its last softmax ('${node.name}') goes along the axis ${axis} of [${shape.join(', ')}], not along its ${classes} classes`,
  )
}

function weightsOf(nodes: readonly GraphNode[], stateDict: StateDict): Map<string, ParameterSpec> {
  const uses = new Map<string, {readonly node: GraphNode; readonly place: number}[]>()
  for (const node of nodes)
    for (const [place, name] of node.inputs.entries())
      if (stateDict.has(name)) uses.set(name, [...(uses.get(name) ?? []), {node, place}])
  const weights = new Map<string, ParameterSpec>()
  for (const [name, tensor] of stateDict) {
    const used = uses.get(name) ?? []
    const isWeight = used.some(({node, place}) => weightPlaces[node.op]?.includes(place))
    const large = tensor.data.length > SMALL
    if (used.length === 0 || !isFloat(tensor) || !(isWeight || large)) continue
    const all = (test: (node: GraphNode, place: number) => boolean) =>
      used.every(({node, place}) => test(node, place))
    const role =
      tensor.shape.length === 4 && all(({op}, place) => op === 'Conv' && place === 1)
        ? 'convolution'
        : tensor.shape.length === 2 &&
            all((node, place) => node.op === 'Gemm' && place === 1 && numberOf(node, 'transB', 0) === 1)
          ? 'linear'
          : 'bias'
    weights.set(name, {role, shape: tensor.shape, initial: {constant: 0}})
  }
  return weights
}

function constantsOf(stateDict: StateDict, weights: ReadonlyMap<string, unknown>): Map<string, Value> {
  const constants = new Map<string, Value>()
  for (const [name, tensor] of stateDict) {
    const {data, shape} = tensor
    if (!weights.has(name) && data.length <= 1_000_000)
      constants.set(
        name,
        host(Array.from(data as ArrayLike<number | bigint>, Number), shape, !isFloat(tensor)),
      )
  }
  return constants
}

/** Of the last linear layer, or of the last convolution where the image is averaged after it. */
function classesOf(
  head: GraphNode | undefined,
  nodes: readonly GraphNode[],
  weights: ReadonlyMap<string, ParameterSpec>,
): number | undefined {
  const shapeOfWeight = (node: GraphNode | undefined) => weights.get(node?.inputs[1] ?? '')?.shape
  const shape = shapeOfWeight(head)
  if (!head || shape?.length !== 2) return shapeOfWeight(nodes.findLast(({op}) => op === 'Conv'))?.[0]
  return head.op === 'Gemm' && numberOf(head, 'transB', 0) === 1 ? shape[0] : shape[1]
}

/** Exports of TensorFlow keep its order. */
const isChannelsLast = ([, first = -1, , last = -1]: readonly number[]) =>
  ![1, 3].includes(first) && [1, 3].includes(last)

function inputOf(
  declared: readonly number[],
  channelsLast: boolean,
  given: readonly [number, number, number] | undefined,
): readonly [number, number, number] {
  const [, a = -1, b = -1, c = -1] = declared
  const [height, width, channels] = channelsLast ? [a, b, c] : [b, c, a]
  const size = (said: number, hint: number | undefined) => (said > 0 ? said : (hint ?? -1))
  const input = [size(height, given?.[0]), size(width, given?.[1]), size(channels, given?.[2] ?? 3)] as const
  if (given?.some((n, i) => n !== input[i]))
    throw unsupported(`it takes images of ${input.join(' x ')}, not ${given.join(' x ')}`)
  if (input.some((n) => n < 1)) throw unsupported('it does not say for which size of images; give --input')
  return input
}
