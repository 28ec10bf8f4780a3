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
  readonly width: number
}

/** Rows first, then columns; nothing is rounded. [rows.first.length, columns.first.length, channels] values. */
export function resample(region: Region, rows: Taps, columns: Taps): Float32Array {
  return acrossColumns(acrossRows(region, rows), region, columns)
}

/** [rows.first.length, region.width, channels] */
function acrossRows(
  {data, stride, channels, top, left, width}: Region,
  {first, weights, width: taps}: Taps,
): Float32Array {
  const line = width * channels
  const pitch = stride * channels
  const out = new Float32Array(first.length * line)
  for (let y = 0; y < first.length; y++) {
    const start = (top + first[y]!) * pitch + left * channels
    const last = lastTap(weights, y * taps, taps)
    for (let i = 0; i < line; i++) {
      let sum = 0
      for (let t = 0, at = start + i; t <= last; t++, at += pitch) sum += weights[y * taps + t]! * data[at]!
      out[y * line + i] = sum
    }
  }
  return out
}

function acrossColumns(
  values: Float32Array,
  {width, channels}: Region,
  {first, weights, width: taps}: Taps,
): Float32Array {
  const height = values.length / (width * channels)
  const out = new Float32Array(height * first.length * channels)
  for (let x = 0; x < first.length; x++) {
    const last = lastTap(weights, x * taps, taps)
    for (let y = 0; y < height; y++)
      for (let k = 0; k < channels; k++) {
        let sum = 0
        for (let t = 0, at = (y * width + first[x]!) * channels + k; t <= last; t++, at += channels)
          sum += weights[x * taps + t]! * values[at]!
        out[(y * first.length + x) * channels + k] = sum
      }
  }
  return out
}

/** Past it there may be no pixel. */
function lastTap(weights: Float64Array, from: number, taps: number): number {
  let last = taps - 1
  while (last > 0 && weights[from + last] === 0) last--
  return last
}
