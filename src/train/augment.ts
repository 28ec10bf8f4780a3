import type {Images} from '../data/images.ts'
import type {Random} from '../engine/random.ts'

export interface Augmentation {
  /** A random crop of the image with this many black pixels round it: a shift of up to as many, each way. */
  readonly shift: number
  /** Mirror half of the images, left for right. Not for what means something else then, as traffic signs do. */
  readonly flip: boolean
}

/**
 * Copies of the images with these indices, each flipped and shifted at random: torchvision's RandomHorizontalFlip and
 * RandomCrop(size, padding, fill 0), on bytes, before normalisation.
 */
export function augment(
  images: Images,
  indices: ArrayLike<number>,
  {shift, flip}: Augmentation,
  random: Random,
): Images {
  const {height, width, channels, data} = images
  const line = width * channels
  const size = height * line
  const result = new Uint8Array(indices.length * size)
  for (let i = 0; i < indices.length; i++) {
    const [down, right] = [random.integer(2 * shift + 1) - shift, random.integer(2 * shift + 1) - shift]
    const mirrored = flip && random.integer(2) === 1
    const from = Math.max(0, -right)
    const count = width - Math.abs(right)
    for (let row = Math.max(0, -down); row < Math.min(height, height - down); row++) {
      const source = indices[i]! * size + row * line
      const target = i * size + (row + down) * line + Math.max(0, right) * channels
      if (!mirrored) {
        result.set(data.subarray(source + from * channels, source + (from + count) * channels), target)
        continue
      }
      for (let column = 0; column < count; column++)
        for (let channel = 0; channel < channels; channel++)
          result[target + column * channels + channel] =
            data[source + (width - 1 - from - column) * channels + channel]!
    }
  }
  return {count: indices.length, height, width, channels, data: result}
}
