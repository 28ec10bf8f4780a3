import * as tf from '@tensorflow/tfjs-core'
import type {Tensor, Tensor1D, Tensor4D} from '@tensorflow/tfjs-core'
import {batchNormEval} from '../../../engine/kernels/batch-norm.ts'
import type {GraphNode} from '../../../modelfile/plan.ts'
import {relu} from '../../relu.ts'
import {spatialMean} from '../../spatial-mean.ts'
import {numberOf, numbersOf, textOf} from '../attributes.ts'
import {batchMatMul} from '../batch-mat-mul.ts'
import {convolve, samePadding, type Padding} from '../convolve.ts'
import {unsupported} from '../errors.ts'
import {unsupportedAttribute} from '../declared-attributes.ts'
import {guard} from '../guard.ts'
import {axisOf, known, needed, type Operator} from '../onnx/operator.ts'
import {broadcast} from '../onnx/elementwise.ts'
import {onnxOperators} from '../onnx/operators.ts'
import {largestOf, meanOf, type Pooling} from '../pool.ts'
import {flow, host, plain, shapeOf, type Value} from '../value.ts'
import {onnxEquivalents, type Translate} from './onnx-equivalents.ts'
import {runEquivalent} from './run-equivalent.ts'

type Pair = readonly [number, number]

/** Of [1, h, w, 1]. */
const inner = (node: GraphNode, name: string): Pair => {
  const [, height = 1, width = 1] = numbersOf(node, name) ?? []
  return [height, width]
}

function paddingOf(
  node: GraphNode,
  x: Tensor4D,
  size: Pair,
  strides: Pair,
  dilations: Pair = [1, 1],
): Padding {
  const padding = textOf(node, 'padding', 'VALID')
  if (padding === 'SAME') return samePadding([x.shape[1], x.shape[2]], size, strides, dilations)
  if (padding === 'VALID') return [0, 0, 0, 0]
  const [, , top = 0, bottom = 0, left = 0, right = 0] = numbersOf(node, 'explicit_paddings') ?? []
  return [top, bottom, left, right]
}

const imageAt = (value: Value | undefined, node: GraphNode): Tensor4D => {
  const x = plain(needed(value, node))
  if (x.rank !== 4) throw unsupported(`${node.op} ('${node.name}') is given [${x.shape.join(', ')}]`)
  return x as Tensor4D
}

function convolution(x: Tensor4D, filter: Tensor4D, node: GraphNode, groups: number): Tensor4D {
  const strides = inner(node, 'strides')
  const dilations = inner(node, 'dilations')
  const size = [filter.shape[0], filter.shape[1]] as const
  guard([x.shape[0], x.shape[1] / strides[0], x.shape[2] / strides[1], filter.shape[3]], node.op)
  return convolve(x, filter, {
    strides,
    dilations,
    groups,
    padding: paddingOf(node, x, size, strides, dilations),
  })
}

const conv2d = (x: Value | undefined, filter: Value | undefined, node: GraphNode): Tensor4D => {
  const image = imageAt(x, node)
  const kernel = imageAt(filter, node)
  return convolution(image, kernel, node, image.shape[3] / kernel.shape[2])
}

/** A filter [h, w, C, multiplier] is that of a grouped convolution, [h, w, 1, C · multiplier]. */
const depthwise = (x: Value | undefined, filter: Value | undefined, node: GraphNode): Tensor4D => {
  const kernel = imageAt(filter, node)
  const [height, width, channels, multiplier] = kernel.shape
  return convolution(
    imageAt(x, node),
    tf.reshape(kernel, [height, width, 1, channels * multiplier]),
    node,
    channels,
  )
}

const product = (a: Value | undefined, b: Value | undefined, node: GraphNode): Tensor => {
  const turned = (name: string, other: string) =>
    node.attributes[name] === true || node.attributes[other] === true
  return batchMatMul(
    plain(needed(a, node)),
    plain(needed(b, node)),
    turned('transpose_a', 'adj_x'),
    turned('transpose_b', 'adj_y'),
  )
}

/** What TensorFlow.js's converter has put together: a bias, BatchNorm, an activation, in the order of `fused_ops`. */
function fused(y: Tensor, rest: readonly (Value | undefined)[], node: GraphNode): Value {
  const steps = node.attributes['fused_ops']
  const given = [...rest]
  const next = () => plain(needed(given.shift(), node))
  let x = y
  for (const step of Array.isArray(steps) ? steps : []) {
    if (step === 'BiasAdd') x = tf.add(x, next())
    else if (step === 'Relu') x = relu(x)
    else if (step === 'Relu6') x = tf.relu6(x)
    else if (step === 'Elu') x = tf.elu(x)
    else if (step === 'Sigmoid') x = tf.sigmoid(x)
    else if (step === 'Tanh') x = tf.tanh(x)
    else if (step === 'LeakyRelu') x = tf.leakyRelu(x, numberOf(node, 'leakyrelu_alpha', 0.2))
    else if (step === 'Prelu') x = tf.prelu(x, next())
    else if (step === 'FusedBatchNorm') {
      const [scale, offset, mean, variance] = [next(), next(), next(), next()] as Tensor1D[]
      x = normalised(x, node, {scale: scale!, offset: offset!, mean: mean!, variance: variance!})
    } else throw unsupported(`${node.op} ('${node.name}') with ${step}`)
  }
  return flow(x)
}

interface Moments {
  readonly scale: Tensor1D
  readonly offset: Tensor1D
  readonly mean: Tensor1D
  readonly variance: Tensor1D
}

function normalised(x: Tensor, node: GraphNode, {scale, offset, mean, variance}: Moments): Tensor4D {
  if (x.rank !== 4 || [scale, offset, mean, variance].some(({rank}) => rank !== 1))
    throw unsupported(`'${node.name}' has statistics that are not one for each channel`)
  // TensorFlow and TensorFlow.js have different defaults.
  if (node.attributes['epsilon'] === undefined) throw unsupportedAttribute(node, 'epsilon')
  return batchNormEval(x as Tensor4D, mean, variance, scale, offset, numberOf(node, 'epsilon', 0))
}

const batchNorm: Operator = ([x, ...given], node) => {
  const [scale, offset, mean, variance] = given.map((value) => plain(needed(value, node)) as Tensor1D)
  if (!scale || !offset || !mean || !variance) throw unsupported(`'${node.name}' lacks its statistics`)
  return flow(normalised(imageAt(x, node), node, {scale, offset, mean, variance}))
}

const pooling =
  (pool: (x: Tensor4D, how: Pooling) => Tensor4D): Operator =>
  ([x], node) => {
    const image = imageAt(x, node)
    const [size, strides] = [inner(node, 'ksize'), inner(node, 'strides')]
    const padding = paddingOf(node, image, size, strides)
    return flow(pool(image, {size, strides, padding, countPadding: false}))
  }

type Reduce = (x: Tensor, axes: number[], keep: boolean) => Tensor

const reduction =
  (reduce: Reduce): Operator =>
  ([x, given], node) => {
    const value = plain(needed(x, node))
    const axes = known(given, node).data.map((axis) => axisOf(axis, value.rank))
    return flow(reduce(value, axes, node.attributes['keep_dims'] === true))
  }

const mean: Reduce = (x, axes, keep) =>
  x.rank === 4 && !keep && axes.length === 2 && axes.includes(1) && axes.includes(2)
    ? spatialMean(x as Tensor4D)
    : tf.mean(x, axes, keep)

const pad: Operator = ([x, sizes, constant], node) => {
  const value = plain(needed(x, node))
  const {data} = known(sizes, node)
  const around = value.shape.map((_, i): [number, number] => [data[2 * i] ?? 0, data[2 * i + 1] ?? 0])
  if (data.length !== 2 * value.rank || data.some((n) => n < 0))
    throw unsupported(`${node.op} ('${node.name}') of [${data.join(', ')}] around ${value.rank} axes`)
  guard(
    value.shape.map((n, i) => n + around[i]![0] + around[i]![1]),
    node.op,
  )
  if (node.op !== 'MirrorPad')
    return flow(tf.pad(value, around, constant ? (known(constant, node).data[0] ?? 0) : 0))
  return flow(tf.mirrorPad(value, around, textOf(node, 'mode') === 'SYMMETRIC' ? 'symmetric' : 'reflect'))
}

/** Begin, end and steps with TensorFlow's masks, one bit an axis; of a shape, or of a tensor in steps of one. */
const stridedSlice: Operator = ([x, begin, end, steps], node) => {
  const value = needed(x, node)
  const shape = shapeOf(value)
  const mask = (name: string, i: number) => (numberOf(node, name, 0) & (1 << i)) !== 0
  if (known(steps, node).data.some((step) => step !== 1)) throw unsupported('a slice with steps')
  const [from, to] = [known(begin, node).data, known(end, node).data]
  const bound = (n: number, whole: number) => Math.max(0, Math.min(whole, n < 0 ? n + whole : n))
  const ranges = shape.map((whole, i) => {
    if (i >= from.length) return [0, whole] as const
    const first = mask('begin_mask', i) ? 0 : bound(from[i]!, whole)
    if (mask('shrink_axis_mask', i)) return [first, first + 1] as const
    return [first, Math.max(first, mask('end_mask', i) ? whole : bound(to[i]!, whole))] as const
  })
  const left = ranges.filter((_, i) => !mask('shrink_axis_mask', i)).map(([first, last]) => last - first)
  if (value.kind === 'host' && shape.length === 1)
    return host(value.data.slice(...ranges[0]!), left, value.whole)
  const piece = tf.slice(
    plain(value),
    ranges.map(([first]) => first),
    ranges.map(([first, last]) => last - first),
  )
  return flow(tf.reshape(piece, left))
}

const pack: Operator = (inputs, node) => {
  const values = inputs.map((value) => needed(value, node))
  if (values.every((value) => value.kind === 'host' && value.shape.length === 0))
    return host(
      values.flatMap((value) => known(value, node).data),
      undefined,
      values.every((value) => known(value, node).whole),
    )
  return flow(tf.stack(values.map(plain), numberOf(node, 'axis', 0)))
}

const translated =
  (translate: Translate): Operator =>
  (inputs, node, run) => {
    const equivalent = translate(inputs, node)
    return runEquivalent(
      equivalent,
      equivalent.inputs.map((place) => inputs[place]),
      node,
      run,
    )
  }

/** Quotients of whole numbers are rounded down; of two such numbers by TensorFlow.js's RealDiv too. */
const quotient =
  (always: boolean): Operator =>
  ([a, b], node, run) => {
    const [x, y] = [needed(a, node), needed(b, node)]
    const whole = x.kind === 'host' && y.kind === 'host' && x.whole && y.whole
    if (always || whole) return broadcast(known(x, node), known(y, node), (p, q) => Math.floor(p / q))
    return onnxOperators['Div']!([x, y], node, run)
  }

/** What TensorFlow.js's converter emits for image classifiers; images are [N, H, W, C] throughout. */
export const tensorflowOperators: Readonly<Record<string, Operator>> = {
  ...Object.fromEntries(
    Object.entries(onnxEquivalents).map(([op, translate]) => [op, translated(translate)]),
  ),
  Rsqrt: ([x], node) => flow(tf.rsqrt(plain(needed(x, node)))),
  Square: ([x], node) => flow(tf.square(plain(needed(x, node)))),
  RealDiv: quotient(false),
  FloorDiv: quotient(true),
  Conv2D: ([x, filter], node) => flow(conv2d(x, filter, node)),
  _FusedConv2D: ([x, filter, ...rest], node) => fused(conv2d(x, filter, node), rest, node),
  DepthwiseConv2dNative: ([x, filter], node) => flow(depthwise(x, filter, node)),
  FusedDepthwiseConv2dNative: ([x, filter, ...rest], node) => fused(depthwise(x, filter, node), rest, node),
  MatMul: ([a, b], node) => flow(product(a, b, node)),
  BatchMatMul: ([a, b], node) => flow(product(a, b, node)),
  BatchMatMulV2: ([a, b], node) => flow(product(a, b, node)),
  _FusedMatMul: ([a, b, ...rest], node) => fused(product(a, b, node), rest, node),
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
  MaxPool: pooling(largestOf),
  AvgPool: pooling(meanOf),
  Mean: reduction(mean),
  Sum: reduction((x, axes, keep) => tf.sum(x, axes, keep)),
  Max: reduction((x, axes, keep) => tf.max(x, axes, keep)),
  Pad: pad,
  PadV2: pad,
  MirrorPad: pad,
  StridedSlice: stridedSlice,
  Pack: pack,
}
