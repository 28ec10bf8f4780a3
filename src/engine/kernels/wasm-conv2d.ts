import * as tf from '@tensorflow/tfjs-core'
import type {
  Conv2DBackpropFilterAttrs,
  Conv2DBackpropInputAttrs,
  KernelConfig,
  Tensor4D,
} from '@tensorflow/tfjs-core'

/**
 * The gradients of a convolution, on wasm. It has no kernel for the filter's, and a slow one for the input's; its
 * forward convolution is fast (XNNPACK), and both gradients are convolutions themselves.
 */
export const wasmConv2DGradients: readonly KernelConfig[] = [
  {
    kernelName: tf.Conv2DBackpropFilter,
    backendName: 'wasm',
    kernelFunc: ({inputs, attrs}) =>
      filterGradient(
        inputs as unknown as {x: Tensor4D; dy: Tensor4D},
        attrs as unknown as Conv2DBackpropFilterAttrs,
      ),
  },
  {
    kernelName: tf.Conv2DBackpropInput,
    backendName: 'wasm',
    kernelFunc: ({inputs, attrs}) =>
      inputGradient(
        inputs as unknown as {dy: Tensor4D; filter: Tensor4D},
        attrs as unknown as Conv2DBackpropInputAttrs,
      ),
  },
]

/**
 * dfilter[i, j, c, d] = Σ x[b, s·u + i, s·v + j, c] · dy[b, u, v, d] is a convolution of x, whose images are now its
 * channels c and whose channels the images b, by dy with its places u, v spread s apart.
 */
function filterGradient({x, dy}: {x: Tensor4D; dy: Tensor4D}, attrs: Conv2DBackpropFilterAttrs): Tensor4D {
  const {height, width} = layoutOf(x.shape, attrs.filterShape, attrs)
  return tf.tidy(() => {
    const needed = ({outputs, stride, filter}: Axis) => (outputs - 1) * stride + filter
    const fitted = fit(
      tf.transpose(x, [3, 1, 2, 0]),
      [height.before, needed(height) - height.before - height.size],
      [width.before, needed(width) - width.before - width.size],
    )
    const spread: [number, number] = [height.stride, width.stride]
    const by: Tensor4D = tf.transpose(dy, [1, 2, 0, 3])
    return tf.transpose(tf.conv2d(fitted.x, by, 1, fitted.padding, 'NHWC', spread), [1, 2, 0, 3])
  })
}

/** dx is the convolution of dy, its places spread s apart with zeros between, by the filter turned half round. */
function inputGradient(
  {dy, filter}: {dy: Tensor4D; filter: Tensor4D},
  attrs: Conv2DBackpropInputAttrs,
): Tensor4D {
  const {height, width} = layoutOf(attrs.inputShape, filter.shape, attrs)
  return tf.tidy(() => {
    const margins = (axis: Axis): Margins => [
      axis.filter - 1 - axis.before,
      axis.size - axis.outputs * axis.stride + axis.before,
    ]
    const fitted = fit(spreadOut(dy, height.stride, width.stride), margins(height), margins(width))
    const turned: Tensor4D = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2])
    return tf.conv2d(fitted.x, turned, 1, fitted.padding)
  })
}

interface Axis {
  readonly size: number
  readonly outputs: number
  readonly filter: number
  readonly stride: number
  /** Padding above, or to the left. */
  readonly before: number
}

function layoutOf(
  x: readonly number[],
  filter: readonly number[],
  {strides, pad, dataFormat, dimRoundingMode}: Omit<Conv2DBackpropInputAttrs, 'inputShape'>,
): {readonly height: Axis; readonly width: Axis} {
  tf.util.assert(
    dataFormat === 'NHWC',
    () => 'The wasm engine convolves images with their channels last only.',
  )
  type Shape = [number, number, number, number]
  const info = tf.backend_util.computeConv2DInfo(
    x as Shape,
    filter as Shape,
    strides,
    1,
    pad,
    dimRoundingMode,
  )
  return {
    height: {
      size: info.inHeight,
      outputs: info.outHeight,
      filter: info.filterHeight,
      stride: info.strideHeight,
      before: info.padInfo.top,
    },
    width: {
      size: info.inWidth,
      outputs: info.outWidth,
      filter: info.filterWidth,
      stride: info.strideWidth,
      before: info.padInfo.left,
    },
  }
}

/** Zeros to add before and after; negative: rows or columns to cut off. */
type Margins = readonly [number, number]

function fit(x: Tensor4D, rows: Margins, columns: Margins) {
  const [images, height, width, channels] = x.shape
  const cut = (margin: number) => Math.max(0, -margin)
  const add = ([before, after]: Margins): [number, number] => [Math.max(0, before), Math.max(0, after)]
  const isWhole = [...rows, ...columns].every((margin) => margin >= 0)
  const padding: tf.backend_util.ExplicitPadding = [[0, 0], add(rows), add(columns), [0, 0]]
  const from: [number, number, number, number] = [0, cut(rows[0]), cut(columns[0]), 0]
  const size: [number, number, number, number] = [
    images,
    height - cut(rows[0]) - cut(rows[1]),
    width - cut(columns[0]) - cut(columns[1]),
    channels,
  ]
  return {x: isWhole ? x : tf.slice(x, from, size), padding}
}

/** `down` - 1 rows of zeros after each row, `across` - 1 columns of zeros after each column. */
function spreadOut(x: Tensor4D, down: number, across: number): Tensor4D {
  if (down === 1 && across === 1) return x
  const [images, height, width, channels] = x.shape
  const rows = tf.reshape(x, [images * height, 1, width, channels])
  const spread = tf.pad(rows, [
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, (across - 1) * channels],
  ])
  return tf.reshape(spread, [images, height * down, width * across, channels])
}
