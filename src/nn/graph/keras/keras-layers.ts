import * as tf from '@tensorflow/tfjs-core'
import type {Tensor, Tensor1D, Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import {batchNormEval} from '../../../engine/kernels/batch-norm.ts'
import type {GraphNode} from '../../../modelfile/plan.ts'
import {elu} from '../../elu.ts'
import {relu} from '../../relu.ts'
import {spatialMean} from '../../spatial-mean.ts'
import {numberOf, numbersOf, textOf} from '../attributes.ts'
import {convolve, padImage, samePadding, type Padding} from '../convolve.ts'
import {unsupported} from '../errors.ts'
import {refuse as refuseBatch} from '../batch/step.ts'
import {unsupportedAttribute} from '../declared-attributes.ts'
import {guard} from '../guard.ts'
import {axisOf} from '../onnx/operator.ts'
import {largestOf, meanOf, type Pooling} from '../pool.ts'
import type {KerasRuntime} from './keras-runtime.ts'

export interface LayerCall {
  readonly node: GraphNode
  /** What the layer has learnt, undefined where it has none of that name. */
  readonly weight: (name: string) => Tensor | undefined
  readonly runtime: KerasRuntime
}

/** One layer's work: images (or what was made of them, a row for each) to such rows. */
export type KerasLayer = (inputs: readonly Tensor[], call: LayerCall) => Tensor

const activations: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  linear: (x) => x,
  relu: (x) => relu(x),
  relu6: (x) => tf.relu6(x),
  elu: (x) => elu(x),
  selu: (x) => tf.selu(x),
  sigmoid: (x) => tf.sigmoid(x),
  tanh: (x) => tf.tanh(x),
  softmax: (x) => tf.softmax(x),
  softplus: (x) => tf.softplus(x),
  swish: (x) => tf.mul(x, tf.sigmoid(x)),
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
  gelu: (x) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.div(x, Math.SQRT2)))),
}

/** Keras 3 has changed it: 1/6 instead of 0.2. */
const hardSigmoids: Readonly<Record<KerasRuntime, ((x: Tensor) => Tensor) | undefined>> = {
  tfjs: (x) => tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1),
  'keras-2': (x) => tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1),
  'keras-3': (x) => tf.div(tf.relu6(tf.add(x, 3)), 6),
  unknown: undefined,
}

function activate({node, runtime}: LayerCall, x: Tensor): Tensor {
  const name = textOf(node, 'activation', 'linear')
  const activation =
    name === 'hard_sigmoid' ? hardSigmoids[runtime] : Object.hasOwn(activations, name) && activations[name]
  if (!activation) throw unsupportedAttribute(node, 'activation', name)
  return activation(x)
}

const pair = (node: GraphNode, name: string, fallback: readonly number[]): readonly [number, number] => {
  const value =
    numbersOf(node, name) ??
    (typeof node.attributes[name] === 'number' ? [numberOf(node, name, 1)] : fallback)
  return [value[0] ?? 1, value[1] ?? value[0] ?? 1]
}

function paddingOf(
  node: GraphNode,
  x: Tensor4D,
  size: readonly [number, number],
  strides: readonly [number, number],
): Padding {
  if (textOf(node, 'padding', 'valid').toLowerCase() !== 'same') return [0, 0, 0, 0]
  return samePadding([x.shape[1], x.shape[2]], size, strides, pair(node, 'dilation_rate', [1, 1]))
}

/** A weight of the rank that Keras gives it. */
function needed({node, weight}: LayerCall, rank: number, ...names: string[]): Tensor {
  const found = names.map(weight).find((tensor) => tensor !== undefined)
  if (!found) throw unsupported(`the layer '${node.name}' has no ${names.join(' or ')}`)
  if (found.rank !== rank)
    throw unsupported(`the layer '${node.name}' has a ${names[0]} of [${found.shape.join(', ')}]`)
  return found
}

/** Its bias, where the configuration says that there is one: what else lies in the file is not used. */
const withBias = (y: Tensor, call: LayerCall) =>
  call.node.attributes['use_bias'] === false ? y : tf.add(y, needed(call, 1, 'bias'))

function convolution(x: Tensor4D, filter: Tensor4D, node: GraphNode, groups: number): Tensor4D {
  if (x.rank !== 4) throw unsupported(`the layer '${node.name}' is given [${(x as Tensor).shape.join(', ')}]`)
  const strides = pair(node, 'strides', [1, 1])
  const size = [filter.shape[0], filter.shape[1]] as const
  const said = pair(node, 'kernel_size', size)
  if (said.some((n, i) => n !== size[i])) throw unsupportedAttribute(node, 'kernel_size', [...said])
  guard([x.shape[0], x.shape[1] / strides[0], x.shape[2] / strides[1], filter.shape[3]], node.op)
  return convolve(x, filter, {
    strides,
    dilations: pair(node, 'dilation_rate', [1, 1]),
    groups,
    padding: paddingOf(node, x, size, strides),
  })
}

/** [h, w, C, multiplier] to the filter of a grouped convolution, [h, w, 1, C · multiplier]. */
const depthwise = (filter: Tensor4D): Tensor4D => {
  const [height, width, channels, multiplier] = filter.shape
  return tf.reshape(filter, [height, width, 1, channels * multiplier])
}

const pooling =
  (pool: (x: Tensor4D, how: Pooling) => Tensor4D): KerasLayer =>
  ([x], {node}) => {
    const image = x as Tensor4D
    const size = pair(node, 'pool_size', [2, 2])
    const strides = pair(node, 'strides', size)
    return pool(image, {size, strides, padding: paddingOf(node, image, size, strides), countPadding: false})
  }

const keep: KerasLayer = ([x]) => x!

const overPixels =
  (reduce: (x: Tensor4D) => Tensor): KerasLayer =>
  ([x], {node, runtime}) => {
    const y = reduce(x as Tensor4D)
    if (node.attributes['keepdims'] !== true) return y
    if (runtime === 'tfjs') throw unsupportedAttribute(node, 'keepdims', true)
    return tf.reshape(y, [y.shape[0], 1, 1, y.shape[1]!])
  }

/** Of fewer axes: axes of one come after the images', as Keras has it, not before as in NumPy. */
const merge =
  (of: (a: Tensor, b: Tensor) => Tensor): KerasLayer =>
  (inputs) => {
    const rank = Math.max(...inputs.map((x) => x.rank))
    const whole = inputs.map((x) => {
      const [images, ...rest] = x.shape
      const missing = Array.from({length: rank - x.rank}, () => 1)
      return tf.reshape(x, [images, ...missing, ...rest])
    })
    return whole.reduce((a, b) => of(a, b))
  }

/** Of a layer that works along one axis. */
const axisAmong = (node: GraphNode, rank: number): number =>
  axisOf(numbersOf(node, 'axis')?.[0] ?? numberOf(node, 'axis', -1), rank)

/** Along the last axis, that of channels. */
function alongChannels(node: GraphNode, x: Tensor): void {
  const axis = axisAmong(node, x.rank)
  if (axis === 0) throw refuseBatch(node, 'puts images together')
  if (axis !== x.rank - 1) throw unsupportedAttribute(node, 'axis', node.attributes['axis'])
}

/** max_value from there on, x from the threshold on, below that a line of the slope. */
const rectifier: KerasLayer = ([x], {node, runtime}) => {
  const [most, slope, threshold] = [
    numberOf(node, 'max_value', Infinity),
    numberOf(node, 'negative_slope', 0),
    numberOf(node, 'threshold', 0),
  ]
  if (runtime === 'tfjs' && slope !== 0) throw unsupportedAttribute(node, 'negative_slope', slope)
  if (runtime === 'tfjs' && threshold !== 0) throw unsupportedAttribute(node, 'threshold', threshold)
  if (slope === 0 && threshold === 0) {
    if (most === 6) return tf.relu6(x!)
    return most === Infinity ? relu(x!) : tf.clipByValue(x!, 0, most)
  }
  const below = tf.mul(tf.sub(x!, threshold), slope)
  const above = most === Infinity ? x! : tf.minimum(x!, most)
  return tf.where(tf.greaterEqual(x!, threshold), above, below)
}

/** Keras 2 and TensorFlow.js call the slope alpha, Keras 3 negative_slope. */
const leaky: KerasLayer = ([x], {node, runtime}) => {
  const {alpha, negative_slope: slope} = node.attributes
  if (slope !== undefined && (runtime === 'tfjs' || (alpha !== undefined && alpha !== slope)))
    throw unsupportedAttribute(node, 'negative_slope', slope)
  return tf.leakyRelu(x!, numberOf(node, 'alpha', numberOf(node, 'negative_slope', 0.3)))
}

const exponential: KerasLayer = ([x], {node, runtime}) => {
  const alpha = numberOf(node, 'alpha', 1)
  if (alpha === 1) return elu(x!)
  if (runtime === 'tfjs') throw unsupportedAttribute(node, 'alpha', alpha)
  return tf.add(relu(x!), tf.mul(alpha, tf.sub(tf.exp(tf.minimum(x!, 0)), 1)))
}

const batchNorm: KerasLayer = ([x], call) => {
  const {node} = call
  alongChannels(node, x!)
  const mean = needed(call, 1, 'moving_mean') as Tensor1D
  const variance = needed(call, 1, 'moving_variance') as Tensor1D
  const told = (name: string) => node.attributes[name] !== false
  const gamma = (told('scale') ? needed(call, 1, 'gamma') : tf.onesLike(mean)) as Tensor1D
  const beta = (told('center') ? needed(call, 1, 'beta') : tf.zerosLike(mean)) as Tensor1D
  const epsilon = numberOf(node, 'epsilon', 1e-3)
  if (x!.rank === 4) return batchNormEval(x as Tensor4D, mean, variance, gamma, beta, epsilon)
  return tf.add(tf.mul(tf.div(tf.sub(x!, mean), tf.sqrt(tf.add(variance, epsilon))), gamma), beta)
}

/** One number, or one for each channel. */
const numberOrList = (node: GraphNode, name: string, fallback: number): Tensor => {
  const list = numbersOf(node, name)
  return list ? tf.tensor1d([...list]) : tf.scalar(numberOf(node, name, fallback))
}

const reshape: KerasLayer = ([x], {node}) => {
  const shape = numbersOf(node, 'target_shape')
  if (!shape) throw unsupportedAttribute(node, 'target_shape')
  const each = x!.size / x!.shape[0]
  const known = shape.filter((n) => n !== -1).reduce((a, b) => a * b, 1)
  const whole = shape.map((n) => (n === -1 ? each / known : n))
  if (whole.reduce((a, b) => a * b, 1) !== each) throw unsupportedAttribute(node, 'target_shape', [...shape])
  return tf.reshape(x!, [x!.shape[0], ...whole])
}

export const kerasLayers: Readonly<Record<string, KerasLayer>> = {
  InputLayer: keep,
  Dropout: keep,
  SpatialDropout2D: keep,
  GaussianNoise: keep,
  GaussianDropout: keep,
  AlphaDropout: keep,
  ActivityRegularization: keep,
  Identity: keep,
  Conv2D([x], call) {
    const {node, runtime} = call
    const groups = numberOf(node, 'groups', 1)
    if (groups !== 1 && runtime === 'tfjs') throw unsupportedAttribute(node, 'groups', groups)
    const filter = needed(call, 4, 'kernel') as Tensor4D
    return activate(call, withBias(convolution(x as Tensor4D, filter, node, groups), call))
  },
  DepthwiseConv2D([x], call) {
    const image = x as Tensor4D
    const filter = depthwise(needed(call, 4, 'depthwise_kernel', 'kernel') as Tensor4D)
    return activate(call, withBias(convolution(image, filter, call.node, image.shape[3]), call))
  },
  SeparableConv2D([x], call) {
    const {node} = call
    const image = x as Tensor4D
    const filter = depthwise(needed(call, 4, 'depthwise_kernel') as Tensor4D)
    const deep = convolution(image, filter, node, image.shape[3])
    const ones = {strides: [1, 1], dilation_rate: [1, 1], kernel_size: [1, 1]}
    const point = {...node, attributes: {...node.attributes, ...ones}}
    const kernel = needed(call, 4, 'pointwise_kernel') as Tensor4D
    return activate(call, withBias(convolution(deep, kernel, point, 1), call))
  },
  Dense([x], call) {
    const kernel = needed(call, 2, 'kernel') as Tensor2D
    const rows = x!.shape.slice(0, -1)
    if (x!.shape.at(-1) !== kernel.shape[0])
      throw unsupported(
        `the layer '${call.node.name}' has ${kernel.shape[0]} inputs and is given [${x!.shape.join(', ')}]`,
      )
    const flat = tf.matMul(tf.reshape(x!, [-1, kernel.shape[0]]), kernel)
    return activate(call, withBias(tf.reshape(flat, [...rows, kernel.shape[1]]), call))
  },
  BatchNormalization: batchNorm,
  Activation: ([x], call) => activate(call, x!),
  ReLU: rectifier,
  LeakyReLU: leaky,
  ELU: exponential,
  Softmax([x], {node}) {
    alongChannels(node, x!)
    return tf.softmax(x!)
  },
  MaxPooling2D: pooling(largestOf),
  AveragePooling2D: pooling(meanOf),
  GlobalAveragePooling2D: overPixels((x) => spatialMean(x)),
  GlobalMaxPooling2D: overPixels((x) => tf.max(x, [1, 2])),
  Flatten: ([x]) => tf.reshape(x!, [x!.shape[0], x!.size / x!.shape[0]]),
  Reshape: reshape,
  ZeroPadding2D([x], {node}) {
    const [a = 1, b = a, c, d] = numbersOf(node, 'padding') ?? [numberOf(node, 'padding', 1)]
    return padImage(x as Tensor4D, c === undefined || d === undefined ? [a, a, b, b] : [a, b, c, d])
  },
  Rescaling: ([x], {node}) =>
    tf.add(tf.mul(x!, numberOrList(node, 'scale', 1)), numberOrList(node, 'offset', 0)),
  Add: merge((a, b) => tf.add(a, b)),
  Subtract: merge((a, b) => tf.sub(a, b)),
  Multiply: merge((a, b) => tf.mul(a, b)),
  Maximum: merge((a, b) => tf.maximum(a, b)),
  Average: (inputs, call) => tf.div(merge((a, b) => tf.add(a, b))(inputs, call), inputs.length),
  Concatenate(inputs, {node}) {
    const axis = axisAmong(node, inputs[0]!.rank)
    if (axis === 0) throw refuseBatch(node, 'puts images together')
    return tf.concat([...inputs], axis)
  },
}
