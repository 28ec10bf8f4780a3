import type {DataSplit} from './data-files.ts'
import {badData, checkedImages, checkedSplit} from './data-files.ts'
import type {Images} from './images.ts'
import type {NpyArray} from './parse-npy.ts'

/** Images and, where given, labels out of NumPy arrays. Throws E_DATA. */
export function npySplit(name: string, images: NpyArray, labels: NpyArray | undefined): DataSplit {
  const read = checkedImages(name, imagesOfNpy(name, images))
  return labels === undefined ? {images: read} : checkedSplit(name, read, labelsOf(name, labels))
}

/** [N] or [N, 1] whole numbers, of floats too, or [N, C] one-hot rows. */
function labelsOf(name: string, {shape, data}: NpyArray): ArrayLike<number> {
  const [count = 0, width = 1] = shape
  if (data.length === count) {
    const broken = data.find((value) => !Number.isInteger(value))
    if (broken === undefined) return data
    throw badData(name, `has a label of ${broken}`, 'Give one whole number an image: its class, from 0 on.')
  }
  const classes = Float64Array.from({length: count}, (_, i) =>
    hotAt(data.subarray(i * width, (i + 1) * width)),
  )
  if (shape.length === 2 && width > 1 && !classes.includes(-1)) return classes
  throw badData(
    name,
    `has labels of shape ${shape.join('x')} that are no class numbers`,
    'Give one whole number an image, or rows of zeros with a single one.',
  )
}

/** Where a row of zeros has its single one, else -1. */
function hotAt(row: NpyArray['data']): number {
  const hot = row.findIndex((value) => value !== 0)
  return row[hot] === 1 && row.subarray(hot + 1).every((value) => value === 0) ? hot : -1
}

/** [N, H, W], [N, H, W, C] or [N, C, H, W]; whole numbers are bytes, floats are 0 … 1 or, where any exceeds 1, 0 … 255. */
export function imagesOfNpy(name: string, {shape, data, real}: NpyArray): Images {
  const isDepth = (size: number | undefined) => size === 1 || size === 3
  const planar = shape.length === 4 && !isDepth(shape[3]) && isDepth(shape[1])
  const [count, height, width, channels = 1] = planar ? [shape[0], shape[2], shape[3], shape[1]] : shape
  if (
    count === undefined ||
    height === undefined ||
    width === undefined ||
    shape.length > 4 ||
    !isDepth(channels)
  )
    throw badData(
      name,
      `has images of shape ${shape.join('x')}`,
      'Give N x height x width x channels with 1 or 3 channels.',
    )
  const bytes = toByteRange(name, data, real)
  if (!planar) return {count, height, width, channels, data: bytes}
  const plane = height * width
  const out = new Uint8Array(bytes.length)
  for (let i = 0; i < count; i++)
    for (let k = 0; k < channels; k++)
      for (let p = 0; p < plane; p++)
        out[(i * plane + p) * channels + k] = bytes[(i * channels + k) * plane + p]!
  return {count, height, width, channels, data: out}
}

function toByteRange(name: string, data: NpyArray['data'], real: boolean): Uint8Array {
  if (data instanceof Uint8Array) return data
  let high = 0
  for (const value of data) {
    // NaN is in no range.
    if (!(value >= 0 && value <= 255))
      throw badData(
        name,
        `has a pixel of ${value}`,
        'Save the images before normalisation, as bytes 0 … 255 or floats 0 … 1.',
      )
    if (value > high) high = value
  }
  const scale = real && high <= 1 ? 255 : 1
  return Uint8Array.from(data, (value) => Math.round(value * scale))
}
