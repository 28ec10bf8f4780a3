import * as tf from '@tensorflow/tfjs-core'
import type {Images} from './images.ts'

/**
 * Images as a network's input before normalisation: float32 [B, H, W, C] in [0, 1] (byte / 255), of all images or of
 * those with these indices, in this order. The caller disposes of it.
 */
export function toTensor(images: Images, indices?: ArrayLike<number>): tf.Tensor4D {
  const {height, width, channels, data} = images
  const size = height * width * channels
  const count = indices ? indices.length : images.count
  const values = new Float32Array(count * size)
  for (let i = 0; i < count; i++) {
    const from = (indices ? indices[i]! : i) * size
    for (let j = 0, to = i * size; j < size; j++, to++) values[to] = data[from + j]! / 255
  }
  return tf.tensor4d(values, [count, height, width, channels], 'float32')
}
