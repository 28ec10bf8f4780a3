import * as tf from '@tensorflow/tfjs-core'
import type {Conv2DAttrs, KernelConfig, Tensor4D, TensorInfo} from '@tensorflow/tfjs-core'
import {runOperation} from './tensorflow-ops.ts'
import type {Attribute} from './tensorflow-ops.ts'

type Conv2DInfo = tf.backend_util.Conv2DInfo
type Shape4D = [number, number, number, number]

/**
 * The three kernels of convolution, with paddings given in numbers too, which those of tfjs-node refuse. oneDNN has
 * fast kernels for `SAME` and `VALID` only (up to seven times as fast backwards), so every padding that equals one of
 * them is called so, and the filter's gradient pads first.
 */
export const tensorflowConv2D: readonly KernelConfig[] = [
  {
    kernelName: tf.Conv2D,
    backendName: 'tensorflow',
    kernelFunc: ({inputs, backend, attrs}) => {
      const {x, filter} = inputs as {x: TensorInfo; filter: TensorInfo}
      const info = infoOf(x.shape, filter.shape, attrs)
      return runOperation(backend, 'Conv2D', [x, filter], attributesOf(info, paddingOf(info)))[0]!
    },
  },
  {
    kernelName: tf.Conv2DBackpropInput,
    backendName: 'tensorflow',
    kernelFunc: ({inputs, backend, attrs}) => {
      const {dy, filter} = inputs as {dy: TensorInfo; filter: TensorInfo}
      const {inputShape} = attrs as unknown as {inputShape: Shape4D}
      const info = infoOf(inputShape, filter.shape, attrs)
      const sizes = tf.tensor1d(inputShape, 'int32')
      const attributes = attributesOf(info, paddingOf(info))
      const [dx] = runOperation(backend, 'Conv2DBackpropInput', [sizes, filter, dy], attributes)
      sizes.dispose()
      return dx!
    },
  },
  {
    kernelName: tf.Conv2DBackpropFilter,
    backendName: 'tensorflow',
    kernelFunc: ({inputs, backend, attrs}) => {
      const {x, dy} = inputs as {x: Tensor4D; dy: TensorInfo}
      const {filterShape} = attrs as unknown as {filterShape: Shape4D}
      const info = infoOf(x.shape, filterShape, attrs)
      return tf.tidy(() => {
        const explicit = paddingOf(info) === 'EXPLICIT'
        const padded = explicit ? pad(x, info) : x
        const attributes = attributesOf(info, explicit ? 'VALID' : paddingOf(info))
        const sizes = tf.tensor1d(filterShape, 'int32')
        return runOperation(backend, 'Conv2DBackpropFilter', [padded, sizes, dy], attributes)[0]!
      })
    },
  },
]

function infoOf(x: readonly number[], filter: readonly number[], attrs: unknown): Conv2DInfo {
  const {
    strides,
    pad,
    dataFormat,
    dilations = 1,
    dimRoundingMode,
  } = attrs as Omit<Conv2DAttrs, 'dilations'> & Partial<Conv2DAttrs>
  return tf.backend_util.computeConv2DInfo(
    x as Shape4D,
    filter as Shape4D,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    false,
    tf.backend_util.convertConv2DDataFormat(dataFormat),
  )
}

type Padding = 'SAME' | 'VALID' | 'EXPLICIT'

function paddingOf(info: Conv2DInfo): Padding {
  const {top, bottom, left, right} = info.padInfo
  if (top + bottom + left + right === 0) return 'VALID'
  const rows = samePadding(info.inHeight, info.strideHeight, info.effectiveFilterHeight)
  const columns = samePadding(info.inWidth, info.strideWidth, info.effectiveFilterWidth)
  const isSame = rows[0] === top && rows[1] === bottom && columns[0] === left && columns[1] === right
  return isSame ? 'SAME' : 'EXPLICIT'
}

/** As TensorFlow defines it: the output has size / stride elements rounded up, and the odd one goes last. */
function samePadding(size: number, stride: number, filter: number): readonly [number, number] {
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + filter - size)
  return [Math.floor(total / 2), Math.ceil(total / 2)]
}

function attributesOf(info: Conv2DInfo, padding: Padding): Readonly<Record<string, Attribute>> {
  const {top, bottom, left, right} = info.padInfo
  const layout = <T>(rows: T, columns: T, others: T): T[] =>
    info.dataFormat === 'channelsLast' ? [others, rows, columns, others] : [others, others, rows, columns]
  const explicit = layout([top, bottom], [left, right], [0, 0]).flat()
  return {
    T: {type: 'type', value: 'float32'},
    strides: {type: 'int', value: layout(info.strideHeight, info.strideWidth, 1)},
    dilations: {type: 'int', value: layout(info.dilationHeight, info.dilationWidth, 1)},
    padding: {type: 'string', value: padding},
    ...(padding === 'EXPLICIT' ? {explicit_paddings: {type: 'int', value: explicit}} : {}),
    data_format: {type: 'string', value: info.dataFormat === 'channelsLast' ? 'NHWC' : 'NCHW'},
    use_cudnn_on_gpu: {type: 'bool', value: true},
  }
}

function pad(x: Tensor4D, {padInfo, dataFormat}: Conv2DInfo): Tensor4D {
  const rows: [number, number] = [padInfo.top, padInfo.bottom]
  const columns: [number, number] = [padInfo.left, padInfo.right]
  return tf.pad(
    x,
    dataFormat === 'channelsLast' ? [[0, 0], rows, columns, [0, 0]] : [[0, 0], [0, 0], rows, columns],
  )
}
