/** For each output pixel, which input pixels it is the weighted mean of. */
export interface Taps {
  /** The first input pixel of each output pixel. */
  readonly first: Int32Array
  /** `width` weights for each output pixel, zeros at the end of shorter ones; they sum to 1. */
  readonly weights: Float64Array
  readonly width: number
}

export type Filter = 'bilinear' | 'bicubic'

const filters: Readonly<Record<Filter, {readonly radius: number; at(x: number): number}>> = {
  bilinear: {radius: 1, at: (x) => Math.max(0, 1 - Math.abs(x))},
  // Keys' cubic convolution with a = -1/2.
  bicubic: {
    radius: 2,
    at(x) {
      const d = Math.abs(x)
      if (d < 1) return (1.5 * d - 2.5) * d * d + 1
      return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0
    },
  },
}

/**
 * The taps that scale `input` pixels to `output`, pixel centres at half-integers. Where it shrinks, the filter widens
 * with the scale, so that every input pixel counts (anti-aliasing, as Pillow and torchvision resize).
 */
export function scalingTaps(input: number, output: number, filter: Filter): Taps {
  const scale = input / output
  const stretch = Math.max(1, scale)
  const {radius, at} = filters[filter]
  const reach = radius * stretch
  const width = Math.min(input, Math.ceil(reach) * 2 + 1)
  const first = new Int32Array(output)
  const weights = new Float64Array(output * width)
  for (let i = 0; i < output; i++) {
    const centre = (i + 0.5) * scale
    const from = Math.max(0, Math.floor(centre - reach + 0.5))
    const to = Math.min(input, Math.floor(centre + reach + 0.5))
    first[i] = from
    let sum = 0
    for (let x = from; x < to; x++) sum += at((x + 0.5 - centre) / stretch)
    for (let x = from; x < to; x++) weights[i * width + x - from] = at((x + 0.5 - centre) / stretch) / sum
  }
  return {first, weights, width}
}

/** A rectangle of an image of bytes: row-major, channels last, `stride` pixels a row. */
export interface Region {
  readonly data: Uint8Array
  readonly stride: number
  readonly channels: number
  readonly top: number
  readonly left: number
  readonly height: number
}

/** Columns first, then rows; nothing is rounded. [rows.length, columns.length, channels] values, about 0 … 255. */
export function resample(
  {data, stride, channels, top, left, height}: Region,
  rows: Taps,
  columns: Taps,
): Float32Array {
  const outHeight = rows.first.length
  const outWidth = columns.first.length
  const line = outWidth * channels
  const narrowed = new Float32Array(height * line)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < outWidth; x++) {
      const from = ((top + y) * stride + left + columns.first[x]!) * channels
      const weight = x * columns.width
      for (let k = 0; k < channels; k++) {
        let sum = 0
        for (let t = 0, at = from + k; t < columns.width; t++, at += channels) {
          const w = columns.weights[weight + t]!
          if (w !== 0) sum += w * data[at]!
        }
        narrowed[y * line + x * channels + k] = sum
      }
    }
  const out = new Float32Array(outHeight * line)
  for (let y = 0; y < outHeight; y++)
    for (let t = 0; t < rows.width; t++) {
      const w = rows.weights[y * rows.width + t]!
      if (w === 0) continue
      const from = (rows.first[y]! + t) * line
      for (let i = 0, to = y * line; i < line; i++, to++) out[to]! += w * narrowed[from + i]!
    }
  return out
}
