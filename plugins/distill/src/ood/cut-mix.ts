import type {Images} from '@abd/core/data'
import type {Random} from '@abd/core/engine'

/**
 * CutMix (Yun et al., 2019) as OOD distillation uses it: one box for the whole batch, pasted from a random
 * permutation of it. λ ~ Beta(α, α), sides √(1 - λ) of the image's, centre uniform, clipped to the image. Labels do not
 * matter here, so λ does not either. The given images stay as they are.
 */
export function cutMix(images: Images, alpha: number, random: Random): Images {
  const {count, height, width, channels} = images
  const ratio = Math.sqrt(1 - random.beta(alpha, alpha))
  const [top, bottom] = extent(height, ratio, random)
  const [left, right] = extent(width, ratio, random)
  const from = random.permutation(count)
  const data = images.data.slice()
  const line = width * channels
  for (let i = 0; i < count; i++)
    for (let row = top; row < bottom; row++) {
      const offset = row * line + left * channels
      const source = from[i]! * height * line + offset
      data.set(images.data.subarray(source, source + (right - left) * channels), i * height * line + offset)
    }
  return {...images, data}
}

function extent(size: number, ratio: number, random: Random): [number, number] {
  const half = Math.floor(Math.floor(size * ratio) / 2)
  const centre = random.integer(size)
  return [Math.max(0, centre - half), Math.min(size, centre + half)]
}
