import type {ImageShape} from '@abd/core'
import {usageError} from '@abd/core'
import type {Trigger} from '@abd/core/data'

/** The side of the images that the published triggers were drawn for. */
export const SIDE = 32

/** One pixel of a 32x32 drawing: one value for all channels, or red, green and blue. */
export interface Pixel {
  readonly row: number
  readonly column: number
  readonly value: number | readonly [number, number, number]
}

/**
 * A drawing made for 32x32 images, on images of another size at the same distance from the bottom-right corner.
 * `replace` covers the pixels, `add` adds to them. Throws E_TRIGGER_SHAPE where it reaches over the edge, and where it
 * is coloured and the images are not.
 */
export function anchor(
  name: string,
  shape: ImageShape,
  mode: 'replace' | 'add',
  pixels: readonly Pixel[],
): Trigger {
  const {height, width, channels} = shape
  const keep = new Float32Array(height * width * channels).fill(1)
  const add = new Float32Array(keep.length)
  for (const {row, column, value} of pixels) {
    const y = row + height - SIDE
    const x = column + width - SIDE
    if (y < 0 || x < 0) throw wrongShape(name, shape, `it does not fit in ${height}x${width} pixels`)
    if (typeof value !== 'number' && channels !== 3)
      throw wrongShape(name, shape, 'it is coloured, these are not RGB')
    for (let k = 0; k < channels; k++) {
      const at = (y * width + x) * channels + k
      if (mode === 'replace') keep[at] = 0
      add[at] = typeof value === 'number' ? value : value[k]!
    }
  }
  return {name, ...shape, keep, add, rescale: false, labels: 'dirty'}
}

const wrongShape = (name: string, {height, width, channels}: ImageShape, why: string) =>
  usageError({
    code: 'E_TRIGGER_SHAPE',
    message: `The trigger ${name} cannot be put on images of ${height}x${width}x${channels}: ${why}.`,
    hints: [
      'It was published for 32x32x3. Which ones fit these images is shown by: abd attack preview --trigger all',
    ],
  })
