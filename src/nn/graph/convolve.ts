import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'
import {conv2d} from '../../engine/kernels/conv2d.ts'

/** Rows before and after, columns before and after. */
export type Padding = readonly [top: number, bottom: number, left: number, right: number]

export interface Convolution {
  readonly strides: readonly [number, number]
  readonly dilations: readonly [number, number]
  readonly groups: number
  readonly padding: Padding
}

export const padImage = (x: Tensor4D, [top, bottom, left, right]: Padding, value = 0): Tensor4D =>
  top + bottom + left + right === 0
    ? x
    : tf.pad(
        x,
        [
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ],
        value,
      )

/** `x`: [B, H, W, C]; `filter`: [h, w, C / groups, D]; differentiable in both. */
export function convolve(x: Tensor4D, filter: Tensor4D, options: Convolution): Tensor4D {
  const {strides, dilations, groups, padding} = options
  // Engines have strides or dilations; a filter with zeros between its numbers has both.
  if (strides.some((n) => n !== 1) && dilations.some((n) => n !== 1))
    return convolve(x, dilated(filter, dilations), {...options, dilations: [1, 1]})
  const [, , inputs, outputs] = filter.shape
  const even = padding.every((size) => size === padding[0])
  const plainly = strides[0] === strides[1] && dilations[0] === 1 && dilations[1] === 1
  if (groups === 1) {
    if (even && plainly) return conv2d(x, filter, strides[0], padding[0])
    return tf.conv2d(padImage(x, padding), filter, [...strides], 'valid', 'NHWC', [...dilations])
  }
  if (groups === x.shape[3] && inputs === 1) {
    // A depth-wise filter is [h, w, C, multiplier], and the outputs of a channel lie side by side.
    const [height, width] = filter.shape
    const depthwise: Tensor4D = tf.reshape(filter, [height, width, groups, outputs / groups])
    const padded = padImage(x, padding)
    return tf.depthwiseConv2d(padded, depthwise, [...strides], 'valid', 'NHWC', [...dilations])
  }
  const pieces = tf.split<Tensor4D>(x, groups, 3)
  const filters = tf.split<Tensor4D>(filter, groups, 3)
  return tf.concat(
    pieces.map((piece, i) => convolve(piece, filters[i]!, {...options, groups: 1})),
    3,
  )
}

/** [h, w, in, out] with zeros between rows and columns. */
function dilated(filter: Tensor4D, [down, across]: readonly [number, number]): Tensor4D {
  const [height, width, inputs, outputs] = filter.shape
  const apart = tf.pad(tf.reshape(filter, [height, 1, width, 1, inputs * outputs]), [
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, across - 1],
    [0, 0],
  ])
  const whole: Tensor4D = tf.reshape(apart, [height * down, width * across, inputs, outputs])
  return tf.slice(whole, 0, [(height - 1) * down + 1, (width - 1) * across + 1, inputs, outputs])
}

/** TensorFlow's `SAME`: as many zeros as stride and size need, the odd one after. */
export function samePadding(
  [height, width]: readonly [number, number],
  [h, w]: readonly [number, number],
  [strideH, strideW]: readonly [number, number],
  [dilationH, dilationW]: readonly [number, number] = [1, 1],
): Padding {
  const along = (size: number, window: number, stride: number) => {
    const needed = Math.max(0, (Math.ceil(size / stride) - 1) * stride + window - size)
    return [Math.floor(needed / 2), Math.ceil(needed / 2)] as const
  }
  return [
    ...along(height, (h - 1) * dilationH + 1, strideH),
    ...along(width, (w - 1) * dilationW + 1, strideW),
  ]
}
