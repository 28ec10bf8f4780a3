import type {Images} from './images.ts'

/**
 * The pixels of one image, each taken from where the flow ([height, width, 2], pixels down and to the right) points:
 * bilinear, the edge repeated beyond it, nothing rounded. What it gives is overwritten by the next call.
 */
export function followFlow(
  flow: Float64Array,
  {height, width, channels, data}: Images,
): (offset: number) => Float64Array {
  const values = new Float64Array(height * width * channels)
  const within = (at: number, size: number) => Math.min(size - 1, Math.max(0, at))
  return (offset) => {
    for (let p = 0; p < height * width; p++) {
      const y = within(Math.floor(p / width) + flow[2 * p]!, height)
      const x = within((p % width) + flow[2 * p + 1]!, width)
      const [top, left] = [Math.floor(y), Math.floor(x)]
      const [bottom, right] = [within(top + 1, height), within(left + 1, width)]
      const [v, u] = [y - top, x - left]
      for (let k = 0; k < channels; k++) {
        const at = (row: number, column: number) => data[offset + (row * width + column) * channels + k]!
        values[p * channels + k] =
          (1 - v) * ((1 - u) * at(top, left) + u * at(top, right)) +
          v * ((1 - u) * at(bottom, left) + u * at(bottom, right))
      }
    }
    return values
  }
}
