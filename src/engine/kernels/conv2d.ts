import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'

/**
 * Convolution as PyTorch has it: `padding` rows and columns of zeros on every side, whatever the stride (TensorFlow's
 * `same` pads the last side only where the stride is 2). Differentiable in both arguments, any number of times, on
 * every engine.
 *
 * @param x [B, H, W, C]
 * @param filter [h, w, C, D]
 * @returns [B, floor((H + 2·padding - h) / stride) + 1, …, D]
 */
export function conv2d(x: Tensor4D, filter: Tensor4D, stride: number, padding: number): Tensor4D {
  const [height, width] = filter.shape
  // With a number for its padding tfjs takes a filter to be square: wasm would write beyond its output.
  if (height === width) return tf.conv2d(x, filter, stride, padding)
  const around: [number, number] = [padding, padding]
  return tf.conv2d(tf.pad(x, [[0, 0], around, around, [0, 0]]), filter, stride, 'valid')
}
