import * as tf from '@tensorflow/tfjs-core'
import type {Tensor1D, Tensor4D} from '@tensorflow/tfjs-core'
import {batchNormEval} from '../../../engine/kernels/batch-norm.ts'
import type {GraphNode} from '../../../modelfile/plan.ts'
import {numberOf, numbersOf, textOf} from '../attributes.ts'
import {convolve, padImage, samePadding, type Padding} from '../convolve.ts'
import {unsupported} from '../errors.ts'
import {unsupportedAttribute} from '../declared-attributes.ts'
import {guard} from '../guard.ts'
import {largestOf, meanOf, type Pooling} from '../pool.ts'
import {flow, imageOf, plain, shapeOf, type Value} from '../value.ts'
import {known, needed, type Operator, type RunFacts} from './operator.ts'

const pair = (values: readonly number[] | undefined): readonly [number, number] => [
  values?.[0] ?? 1,
  values?.[1] ?? values?.[0] ?? 1,
]

interface Window {
  readonly size: readonly [number, number]
  readonly strides: readonly [number, number]
  readonly dilations?: readonly [number, number]
}

function paddingOf(node: GraphNode, x: Tensor4D, {size, strides, dilations}: Window): Padding {
  const auto = textOf(node, 'auto_pad', 'NOTSET')
  const [, height, width] = x.shape
  if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
    const [top, bottom, left, right] = samePadding([height, width], size, strides, dilations)
    return auto === 'SAME_UPPER' ? [top, bottom, left, right] : [bottom, top, right, left]
  }
  const [top = 0, left = 0, bottom = 0, right = 0] = numbersOf(node, 'pads') ?? []
  return auto === 'VALID' ? [0, 0, 0, 0] : [top, bottom, left, right]
}

/** The filter lies as the engine wants it, [h, w, in, out]: see graph-architecture.ts. */
const conv: Operator = ([input, filter, bias], node) => {
  const x = imageOf(needed(input, node))
  const w = needed(filter, node)
  if (w.kind !== 'tensor' || w.tensor.rank !== 4)
    throw unsupported(`a convolution of ${shapeOf(w).length} axes`)
  const kernel = w.nhwc ? (w.tensor as Tensor4D) : tf.transpose(w.tensor as Tensor4D, [2, 3, 1, 0])
  const strides = pair(numbersOf(node, 'strides'))
  const dilations = pair(numbersOf(node, 'dilations'))
  const size = [kernel.shape[0], kernel.shape[1]] as const
  const said = numbersOf(node, 'kernel_shape')
  if (said?.some((n, i) => n !== size[i])) throw unsupportedAttribute(node, 'kernel_shape', [...said])
  if (bias && shapeOf(bias).length !== 1)
    throw unsupported(`the bias of Conv ('${node.name}') is [${shapeOf(bias).join(', ')}]`)
  guard([x.shape[0], x.shape[1] / strides[0], x.shape[2] / strides[1], kernel.shape[3]], node.op)
  const y = convolve(x, kernel, {
    strides,
    dilations,
    groups: numberOf(node, 'group', 1),
    padding: paddingOf(node, x, {size, strides, dilations}),
  })
  return flow(bias ? tf.add(y, plain(bias)) : y, true)
}

const pooling =
  (pool: (x: Tensor4D, how: Pooling) => Tensor4D): Operator =>
  ([input], node) => {
    const x = imageOf(needed(input, node))
    const window = numbersOf(node, 'kernel_shape')
    if (!window) throw unsupportedAttribute(node, 'kernel_shape')
    const size = pair(window)
    const strides = pair(numbersOf(node, 'strides'))
    const [top, bottom, left, right] = paddingOf(node, x, {size, strides})
    const more = (
      extent: number,
      [before, after]: readonly [number, number],
      window: number,
      stride: number,
    ) => {
      if (numberOf(node, 'ceil_mode', 0) === 0) return 0
      const rest = (extent + before + after - window) % stride
      // A last window that would begin in what pads the end is left out.
      const last = extent + before + after - window - rest + stride
      return rest === 0 || last >= extent + before ? 0 : stride - rest
    }
    const dilations = numbersOf(node, 'dilations') ?? []
    if (dilations.some((d) => d !== 1)) throw unsupportedAttribute(node, 'dilations', [...dilations])
    const extra = [
      more(x.shape[1], [top, bottom], size[0], strides[0]),
      more(x.shape[2], [left, right], size[1], strides[1]),
    ]
    const padding: Padding = [top, bottom + extra[0]!, left, right + extra[1]!]
    return flow(
      pool(x, {
        size,
        strides,
        padding,
        countPadding: numberOf(node, 'count_include_pad', 0) === 1,
        beyond: [extra[0]!, extra[1]!],
      }),
      true,
    )
  }

/** Running statistics only: a graph is for inference. Before opset 14 one for training is known by its further outputs. */
const batchNorm: Operator = (inputs, node, {opset}) => {
  if (opset < 7 && node.attributes['is_test'] === undefined) throw unsupportedAttribute(node, 'is_test')
  if (node.outputs.filter((name) => name !== '').length > 1)
    throw unsupported(`BatchNormalization ('${node.name}') gives the batch's statistics, as in training`)
  const [x, weight, bias, mean, variance] = inputs.map((value) => needed(value, node))
  const epsilon = numberOf(node, 'epsilon', 1e-5)
  const of = (value: Value | undefined) => plain(needed(value, node)) as Tensor1D
  if (shapeOf(needed(x, node)).length === 4)
    return flow(
      batchNormEval(imageOf(needed(x, node)), of(mean), of(variance), of(weight), of(bias), epsilon),
      true,
    )
  const values = plain(needed(x, node))
  // Channels are the second axis, whatever the rank.
  const along = (t: Tensor1D) => tf.reshape(t, [t.size, ...values.shape.slice(2).map(() => 1)])
  const scale = tf.div(of(weight), tf.sqrt(tf.add(of(variance), epsilon)))
  return flow(tf.add(tf.mul(tf.sub(values, along(of(mean))), along(scale as Tensor1D)), along(of(bias))))
}

/** Before opset 11 the pads are an attribute, before 2 `paddings`. */
const pad: Operator = ([input, pads, constant, axes], node) => {
  const x = needed(input, node)
  if (axes) throw unsupported(`a padding of some axes ('${node.name}')`)
  const sizes = pads ? known(pads, node).data : (numbersOf(node, 'pads') ?? [])
  const value = constant ? (known(constant, node).data[0] ?? 0) : numberOf(node, 'value', 0)
  const mode = textOf(node, 'mode', 'constant')
  const rank = shapeOf(x).length
  guard(
    shapeOf(x).map((n, i) => n + (sizes[i] ?? 0) + (sizes[i + rank] ?? 0)),
    node.op,
  )
  if (sizes.length !== 2 * rank || sizes.some((n) => n < 0))
    throw unsupported(`Pad ('${node.name}') of [${sizes.join(', ')}] around ${rank} axes`)
  if (
    mode === 'constant' &&
    rank === 4 &&
    sizes[0] === 0 &&
    sizes[1] === 0 &&
    sizes[4] === 0 &&
    sizes[5] === 0
  )
    return flow(padImage(imageOf(x), [sizes[2]!, sizes[6]!, sizes[3]!, sizes[7]!], value), true)
  const around = Array.from({length: rank}, (_, i): [number, number] => [sizes[i]!, sizes[i + rank]!])
  if (mode === 'constant') return flow(tf.pad(plain(x), around, value))
  if (mode === 'reflect') return flow(tf.mirrorPad(plain(x), around, 'reflect'))
  throw unsupported(`a padding of the mode ${mode}`)
}

const overPixels =
  (reduce: (x: Tensor4D) => tf.Tensor): Operator =>
  ([x], node) =>
    flow(reduce(imageOf(needed(x, node))), true)

/** Images and channels are not resized. */
function checkKept(
  x: Tensor4D,
  scales: readonly number[],
  sizes: readonly number[],
  node: GraphNode,
  {batch}: RunFacts,
): void {
  const [images = batch.actual, channels = x.shape[3]] = sizes
  const kept = channels === x.shape[3] && [x.shape[0], batch.declared].includes(images)
  if (!kept || scales.slice(0, 2).some((scale) => scale !== 1))
    throw unsupported(`Resize ('${node.name}') of images or channels: [${[...scales, ...sizes].join(', ')}]`)
}

const resize: Operator = (inputs, node, run) => {
  const x = imageOf(needed(inputs[0], node))
  const [scales, sizes] = [inputs[2], inputs[3]].map((value) => (value ? known(value, node).data : []))
  checkKept(x, scales ?? [], sizes ?? [], node, run)
  const height = sizes?.[2] ?? Math.floor(x.shape[1] * (scales?.[2] ?? NaN))
  const width = sizes?.[3] ?? Math.floor(x.shape[2] * (scales?.[3] ?? NaN))
  const mode = textOf(node, 'mode', 'nearest')
  if (!Number.isFinite(height) || !Number.isFinite(width) || height * width > 2 ** 22)
    throw unsupported(`resizing to ${height} x ${width}`)
  const [up, across] = [height / x.shape[1], width / x.shape[2]]
  // Positions go by the scales that are given, which need not be those of the sizes that come of them.
  const exact = !scales || scales.length === 0 || (scales[2] === up && scales[3] === across)
  const grid = textOf(node, 'coordinate_transformation_mode', 'half_pixel')
  const rounding = textOf(node, 'nearest_mode', 'round_prefer_floor')
  const whole = Number.isInteger(up) && Number.isInteger(across)
  if (numberOf(node, 'antialias', 0) === 0 && numbersOf(node, 'axes') === undefined && exact) {
    if (
      mode === 'linear' &&
      grid.endsWith('half_pixel') &&
      (grid === 'half_pixel' || (height > 1 && width > 1))
    )
      return flow(tf.image.resizeBilinear(x, [height, width], false, true), true)
    const nearest =
      (grid === 'asymmetric' && rounding === 'floor') ||
      (whole && grid === 'half_pixel' && rounding === 'round_prefer_floor')
    if (mode === 'nearest' && nearest) return flow(tf.image.resizeNearestNeighbor(x, [height, width]), true)
  }
  throw unsupported(`resizing by the mode ${mode} (${grid}, ${rounding}) to ${height} x ${width}`)
}

const localResponse: Operator = ([x], node) => {
  const size = numberOf(node, 'size', 0)
  if (size < 1) throw unsupportedAttribute(node, 'size')
  if (size % 2 === 0) throw unsupported('a local response normalisation of an even size')
  return flow(
    tf.localResponseNormalization(
      imageOf(needed(x, node)),
      (size - 1) / 2,
      numberOf(node, 'bias', 1),
      numberOf(node, 'alpha', 1e-4) / size,
      numberOf(node, 'beta', 0.75),
    ),
    true,
  )
}

export const images: Readonly<Record<string, Operator>> = {
  Conv: conv,
  MaxPool: pooling(largestOf),
  AveragePool: pooling(meanOf),
  GlobalAveragePool: overPixels((x) => tf.mean(x, [1, 2], true)),
  GlobalMaxPool: overPixels((x) => tf.max(x, [1, 2], true)),
  BatchNormalization: batchNorm,
  Pad: pad,
  Resize: resize,
  LRN: localResponse,
}
