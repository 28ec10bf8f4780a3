import type {Random} from '../engine/random.ts'
import {jitterColours} from './jitter-colours.ts'
import type {Images} from './images.ts'
import {resample, scalingTaps} from './resample.ts'
import {toBytes} from './resize-images.ts'

export interface PatchShape {
  readonly height: number
  readonly width: number
  /** Least and largest share of the photo's area that a patch shows. */
  readonly area: readonly [number, number]
}

const MAX_DEGREES = 30
const ASPECT = 4 / 3
/** The corners of a rotated square reach √2 as far. */
const MARGIN = Math.SQRT2

/**
 * One patch of a photo: a random part of it at another size and aspect (bicubic), turned and sheared by up to 30
 * degrees about its centre (bilinear, black outside), its middle cut out and, half of the time, its colours changed.
 */
export function cutPatch(photo: Images, {height, width, area}: PatchShape, random: Random): Uint8Array {
  const {channels} = photo
  const part = randomPart(photo, area, random)
  const tall = Math.floor(MARGIN * height)
  const wide = Math.floor(MARGIN * width)
  const scaled = resample(
    {data: photo.data, stride: photo.width, channels, ...part},
    scalingTaps(part.height, tall, 'bicubic'),
    scalingTaps(part.width, wide, 'bicubic'),
  )
  for (let i = 0; i < scaled.length; i++) scaled[i] = Math.max(0, Math.min(255, scaled[i]!))

  const angle = radians(random.uniform(-MAX_DEGREES, MAX_DEGREES))
  const shear = Math.tan(radians(random.uniform(-MAX_DEGREES, MAX_DEGREES)))
  const middle = turned({values: scaled, height: tall, width: wide, channels}, {height, width}, angle, shear)
  if (random.uniform() < 0.5) jitterColours(middle, channels, random)
  return toBytes(middle)
}

const radians = (degrees: number) => (degrees * Math.PI) / 180

/** Area uniform, aspect log-uniform in 3:4 … 4:3; drawn again until it fits. */
function randomPart(photo: Images, [least, largest]: readonly [number, number], random: Random) {
  for (;;) {
    const area = random.uniform(least, largest) * photo.height * photo.width
    const aspect = Math.exp(random.uniform(-Math.log(ASPECT), Math.log(ASPECT)))
    const width = Math.round(Math.sqrt(area * aspect))
    const height = Math.round(Math.sqrt(area / aspect))
    if (width < 1 || height < 1 || width > photo.width || height > photo.height) continue
    return {
      top: random.integer(photo.height - height + 1),
      left: random.integer(photo.width - width + 1),
      height,
      width,
    }
  }
}

interface Picture {
  readonly values: Float32Array
  readonly height: number
  readonly width: number
  readonly channels: number
}

/** The middle of the picture, of `size`, after rotation by `angle` and a horizontal shear by tan = `shear`. */
function turned(
  {values, height, width, channels}: Picture,
  size: {readonly height: number; readonly width: number},
  angle: number,
  shear: number,
): Float32Array {
  // Forward: R(angle) · [[1, -shear], [0, 1]] about the centre; here its inverse, from output to input.
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const out = new Float32Array(size.height * size.width * channels)
  for (let y = 0; y < size.height; y++)
    for (let x = 0; x < size.width; x++) {
      const dx = x + 0.5 - size.width / 2
      const dy = y + 0.5 - size.height / 2
      const v = -sin * dx + cos * dy
      const column = cos * dx + sin * dy + shear * v + width / 2
      const row = v + height / 2
      if (column < 0 || row < 0 || column >= width || row >= height) continue
      const to = (y * size.width + x) * channels
      const left = Math.floor(column - 0.5)
      const top = Math.floor(row - 0.5)
      const ex = column - 0.5 - left
      const ey = row - 0.5 - top
      const [x0, x1] = [Math.max(0, left), Math.min(width - 1, left + 1)]
      const [y0, y1] = [Math.max(0, top), Math.min(height - 1, top + 1)]
      for (let k = 0; k < channels; k++) {
        const at = (r: number, c: number) => values[(r * width + c) * channels + k]!
        out[to + k] =
          (at(y0, x0) * (1 - ex) + at(y0, x1) * ex) * (1 - ey) +
          (at(y1, x0) * (1 - ex) + at(y1, x1) * ex) * ey
      }
    }
  return out
}
