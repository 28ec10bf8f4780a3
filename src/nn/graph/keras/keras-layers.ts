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
import {guard} from '../guard.ts'
import {largestOf, meanOf, type Pooling} from '../pool.ts'

/** One layer's work; `weight` finds what it has learnt, undefined where it has none of that name. */
export type KerasLayer = (
  inputs: readonly Tensor[],
  node: GraphNode,
  weight: (name: string) => Tensor | undefined,
) => Tensor

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
  hard_sigmoid: (x) => tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1),
}

function activate(node: GraphNode, x: Tensor): Tensor {
  const name = textOf(node, 'activation', 'linear')
  const activation = Object.hasOwn(activations, name) ? activations[name] : undefined
  if (!activation) throw unsupported(`the layer '${node.name}' has the activation '${name}'`)
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
  if (textOf(node, 'data_format', 'channels_last') !== 'channels_last')
    throw unsupported('its images have channels first')
  if (textOf(node, 'padding', 'valid') !== 'same') return [0, 0, 0, 0]
  return samePadding([x.shape[1], x.shape[2]], size, strides, pair(node, 'dilation_rate', [1, 1]))
}

const withBias = (y: Tensor, bias: Tensor | undefined) => (bias ? tf.add(y, bias) : y)

const needed = (
  node: GraphNode,
  weight: (name: string) => Tensor | undefined,
  ...names: string[]
): Tensor => {
  const found = names.map(weight).find((tensor) => tensor !== undefined)
  if (found) return found
  throw unsupported(`the layer '${node.name}' has no ${names.join(' or ')}`)
}

function convolution(x: Tensor4D, filter: Tensor4D, node: GraphNode, groups: number): Tensor4D {
  const strides = pair(node, 'strides', [1, 1])
  const size = [filter.shape[0], filter.shape[1]] as const
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
  ([x], node) => {
    const image = x as Tensor4D
    const size = pair(node, 'pool_size', [2, 2])
    const strides = pair(node, 'strides', size)
    return pool(image, {size, strides, padding: paddingOf(node, image, size, strides), countPadding: false})
  }

const keep: KerasLayer = ([x]) => x!

const overPixels =
  (reduce: (x: Tensor4D) => Tensor): KerasLayer =>
  ([x], node) => {
    const y = reduce(x as Tensor4D)
    return node.attributes['keepdims'] === true ? tf.reshape(y, [y.shape[0], 1, 1, y.shape[1]!]) : y
  }

const merge =
  (of: (a: Tensor, b: Tensor) => Tensor): KerasLayer =>
  (inputs) =>
    inputs.reduce((a, b) => of(a, b))

export const kerasLayers: Readonly<Record<string, KerasLayer>> = {
  InputLayer: keep,
  Dropout: keep,
  SpatialDropout2D: keep,
  GaussianNoise: keep,
  GaussianDropout: keep,
  AlphaDropout: keep,
  ActivityRegularization: keep,
  Identity: keep,
  Conv2D: ([x], node, weight) =>
    activate(
      node,
      withBias(
        convolution(
          x as Tensor4D,
          needed(node, weight, 'kernel') as Tensor4D,
          node,
          numberOf(node, 'groups', 1),
        ),
        weight('bias'),
      ),
    ),
  DepthwiseConv2D([x], node, weight) {
    const image = x as Tensor4D
    const filter = depthwise(needed(node, weight, 'depthwise_kernel', 'kernel') as Tensor4D)
    return activate(node, withBias(convolution(image, filter, node, image.shape[3]), weight('bias')))
  },
  SeparableConv2D([x], node, weight) {
    const image = x as Tensor4D
    const deep = convolution(
      image,
      depthwise(needed(node, weight, 'depthwise_kernel') as Tensor4D),
      node,
      image.shape[3],
    )
    const point = {...node, attributes: {...node.attributes, strides: [1, 1], dilation_rate: [1, 1]}}
    return activate(
      node,
      withBias(
        convolution(deep, needed(node, weight, 'pointwise_kernel') as Tensor4D, point, 1),
        weight('bias'),
      ),
    )
  },
  Dense([x], node, weight) {
    const kernel = needed(node, weight, 'kernel') as Tensor2D
    const rows = x!.shape.slice(0, -1)
    const flat = tf.matMul(tf.reshape(x!, [-1, kernel.shape[0]]), kernel)
    return activate(node, withBias(tf.reshape(flat, [...rows, kernel.shape[1]]), weight('bias')))
  },
  BatchNormalization([x], node, weight) {
    const mean = needed(node, weight, 'moving_mean') as Tensor1D
    const variance = needed(node, weight, 'moving_variance') as Tensor1D
    const gamma = (weight('gamma') ?? tf.onesLike(mean)) as Tensor1D
    const beta = (weight('beta') ?? tf.zerosLike(mean)) as Tensor1D
    const epsilon = numberOf(node, 'epsilon', 1e-3)
    if (x!.rank === 4) return batchNormEval(x as Tensor4D, mean, variance, gamma, beta, epsilon)
    return tf.add(tf.mul(tf.div(tf.sub(x!, mean), tf.sqrt(tf.add(variance, epsilon))), gamma), beta)
  },
  Activation: ([x], node) => activate(node, x!),
  ReLU: ([x], node) => (node.attributes['max_value'] === 6 ? tf.relu6(x!) : relu(x!)),
  LeakyReLU: ([x], node) => tf.leakyRelu(x!, numberOf(node, 'alpha', numberOf(node, 'negative_slope', 0.3))),
  ELU: ([x]) => elu(x!),
  Softmax: ([x]) => tf.softmax(x!),
  MaxPooling2D: pooling(largestOf),
  AveragePooling2D: pooling(meanOf),
  GlobalAveragePooling2D: overPixels((x) => spatialMean(x)),
  GlobalMaxPooling2D: overPixels((x) => tf.max(x, [1, 2])),
  Flatten: ([x]) => tf.reshape(x!, [x!.shape[0], x!.size / x!.shape[0]]),
  Reshape: ([x], node) => tf.reshape(x!, [x!.shape[0], ...(numbersOf(node, 'target_shape') ?? [-1])]),
  ZeroPadding2D([x], node) {
    const [a = 1, b = a, c, d] = numbersOf(node, 'padding') ?? [numberOf(node, 'padding', 1)]
    return padImage(x as Tensor4D, c === undefined || d === undefined ? [a, a, b, b] : [a, b, c, d])
  },
  Rescaling: ([x], node) => tf.add(tf.mul(x!, numberOf(node, 'scale', 1)), numberOf(node, 'offset', 0)),
  Add: merge((a, b) => tf.add(a, b)),
  Subtract: merge((a, b) => tf.sub(a, b)),
  Multiply: merge((a, b) => tf.mul(a, b)),
  Maximum: merge((a, b) => tf.maximum(a, b)),
  Average: (inputs) =>
    tf.div(
      inputs.reduce((a, b) => tf.add(a, b)),
      inputs.length,
    ),
  Concatenate: (inputs, node) => tf.concat([...inputs], numberOf(node, 'axis', -1)),
}
