import type {Images} from './images.ts'
import type {Filter} from './resample.ts'
import {resample, scalingTaps} from './resample.ts'

/** The images at another size, anti-aliased where they shrink; the aspect ratio is not kept. */
export function resizeImages(
  images: Images,
  size: {readonly height: number; readonly width: number},
  filter: Filter = 'bilinear',
): Images {
  const {count, height, width, channels, data} = images
  if (height === size.height && width === size.width) return images
  const rows = scalingTaps(height, size.height, filter)
  const columns = scalingTaps(width, size.width, filter)
  const bytes = height * width * channels
  const out = new Uint8Array(count * size.height * size.width * channels)
  for (let i = 0; i < count; i++) {
    const region = {data: data.subarray(i * bytes), stride: width, channels, top: 0, left: 0, width}
    out.set(toBytes(resample(region, rows, columns)), i * size.height * size.width * channels)
  }
  return {count, height: size.height, width: size.width, channels, data: out}
}

/** Rounded and clipped to 0 … 255. */
export function toBytes(values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(values.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.max(0, Math.min(255, Math.round(values[i]!)))
  return bytes
}
