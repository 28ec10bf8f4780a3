import type {Images} from './images.ts'

/** As many of the images as make a square, in one picture. */
export function tileImages({count, height, width, channels, data}: Images): Images {
  const side = Math.floor(Math.sqrt(count))
  const sheet = new Uint8Array(side * side * height * width * channels)
  const line = width * channels
  for (let n = 0; n < side * side; n++)
    for (let row = 0; row < height; row++) {
      const from = (n * height + row) * line
      const to = ((Math.floor(n / side) * height + row) * side + (n % side)) * line
      sheet.set(data.subarray(from, from + line), to)
    }
  return {count: 1, height: side * height, width: side * width, channels, data: sheet}
}
