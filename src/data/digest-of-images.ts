import {createHash} from 'node:crypto'
import type {Images} from './images.ts'

/** What tells these images from others: 32 hexadecimal digits of SHA-256 over their shape and bytes (and labels). */
export function digestOfImages({count, height, width, channels, data}: Images, labels?: Int32Array): string {
  const hash = createHash('sha256').update(`${count} ${height} ${width} ${channels}\n`).update(data)
  if (labels) hash.update(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength))
  return hash.digest('hex').slice(0, 32)
}
