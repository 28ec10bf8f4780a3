import type {ImageShape} from '@abd/core'
import type {Images, Trigger} from '@abd/core/data'
import {stamp} from '@abd/core/data'
import type {Probe} from './probe.ts'

/** How much of the image the blend takes: as published triggers do. */
const WEIGHT = 0.2

/** The cosines of a discrete cosine transform with fewer than `frequencies` half periods each way, a channel each: [H, W, C] flat. */
export function waves({height, width, channels}: ImageShape, frequencies: number): Float32Array[] {
  const basis: Float32Array[] = []
  for (let u = 0; u < frequencies; u++)
    for (let v = 0; v < frequencies; v++)
      for (let k = 0; k < channels; k++) {
        const wave = new Float32Array(height * width * channels)
        for (let r = 0; r < height; r++)
          for (let c = 0; c < width; c++)
            wave[(r * width + c) * channels + k] =
              Math.cos((Math.PI * (r + 0.5) * u) / height) * Math.cos((Math.PI * (c + 0.5) * v) / width)
        basis.push(wave)
      }
  return basis
}

/** An image that is 0.8 of itself and 0.2 of a smooth picture: pixels 127.5 · (1 + tanh(sum of the waves, each with its weight)). */
export function blendWaves(
  shape: ImageShape,
  basis: readonly Float32Array[],
  weights: ArrayLike<number>,
): Probe {
  const sum = new Float64Array(shape.height * shape.width * shape.channels)
  for (const [d, wave] of basis.entries())
    for (let i = 0; i < sum.length; i++) sum[i]! += weights[d]! * wave[i]!
  const name = `blend of ${basis.length} waves`
  const trigger: Trigger = {
    name,
    ...shape,
    keep: new Float32Array(sum.length).fill(1 - WEIGHT),
    add: Float32Array.from(sum, (value) => WEIGHT * 127.5 * (1 + Math.tanh(value))),
    rescale: false,
    labels: 'dirty',
  }
  return {name, family: 'pattern', apply: (images: Images) => stamp(images, trigger)}
}
