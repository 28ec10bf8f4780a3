import type {ImageShape} from '@abd/core'
import type {Images} from '@abd/core/data'
import type {Random} from '@abd/core/engine'

/** Control points a side of the displacement field, and its root mean square in pixels. */
const POINTS = 4
const STRENGTH = 1.5

/**
 * A smooth, fixed displacement of every pixel in the manner of WaNet (Nguyen & Tran, ICLR 2021, section 3.2): random
 * vectors on a coarse grid, interpolated bilinearly, images sampled bilinearly and clamped at the border.
 */
export function warp({height, width, channels}: ImageShape, random: Random): (images: Images) => Images {
  const grid = random.normals(POINTS * POINTS * 2, 0, STRENGTH)
  const sources = new Float32Array(height * width * 2)
  for (let r = 0; r < height; r++)
    for (let c = 0; c < width; c++)
      for (let axis = 0; axis < 2; axis++) {
        const y = (r / (height - 1)) * (POINTS - 1)
        const x = (c / (width - 1)) * (POINTS - 1)
        const at = (i: number, j: number) =>
          grid[(Math.min(i, POINTS - 1) * POINTS + Math.min(j, POINTS - 1)) * 2 + axis]!
        const shift = bilinear(at, y, x)
        const limit = axis === 0 ? height - 1 : width - 1
        sources[(r * width + c) * 2 + axis] = Math.min(limit, Math.max(0, (axis === 0 ? r : c) + shift))
      }
  return (images) => {
    const size = height * width * channels
    const data = new Uint8Array(images.data.length)
    for (let n = 0; n < images.count; n++)
      for (let p = 0; p < height * width; p++)
        for (let k = 0; k < channels; k++) {
          const at = (i: number, j: number) =>
            images.data[n * size + (Math.min(i, height - 1) * width + Math.min(j, width - 1)) * channels + k]!
          data[n * size + p * channels + k] = Math.round(bilinear(at, sources[2 * p]!, sources[2 * p + 1]!))
        }
    return {...images, data}
  }
}

function bilinear(at: (i: number, j: number) => number, y: number, x: number): number {
  const [i, j] = [Math.floor(y), Math.floor(x)]
  const [v, u] = [y - i, x - j]
  return (
    (1 - v) * ((1 - u) * at(i, j) + u * at(i, j + 1)) + v * ((1 - u) * at(i + 1, j) + u * at(i + 1, j + 1))
  )
}
