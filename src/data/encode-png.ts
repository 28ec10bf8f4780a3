import {encode} from 'fast-png'
import type {Images} from './images.ts'

/** The images side by side in one row, as an 8-bit PNG: grey, RGB or RGBA by their channels (1, 3 or 4). */
export function encodePng(images: Images): Uint8Array {
  const {count, height, width, channels, data} = images
  const line = width * channels
  const row = new Uint8Array(data.length)
  for (let i = 0; i < count; i++)
    for (let y = 0; y < height; y++) {
      const from = (i * height + y) * line
      row.set(data.subarray(from, from + line), (y * count + i) * line)
    }
  return encode({width: width * count, height, data: row, channels, depth: 8})
}
