import type {Tensor4D} from '@tensorflow/tfjs-core'
import type {Images} from './images.ts'
import {toBytes} from './resize-images.ts'

/** The images of a tensor in [0, 1], [B, H, W, C], rounded to bytes; what is outside is clipped. */
export async function toImages(x: Tensor4D): Promise<Images> {
  const [count, height, width, channels] = x.shape
  const values = await x.data()
  return {count, height, width, channels, data: toBytes(values.map((value) => value * 255))}
}
