import type {Images} from '../data/images.ts'
import type {Random} from '../engine/random.ts'

export interface Augmentation {
  /** Shifts of up to as many pixels, each way. */
  readonly shift: number
  /**
   * What a shift brings in: black pixels (torchvision's RandomCrop with padding), or what went out on the other side,
   * so that nothing at the border is lost.
   */
  readonly border?: 'black' | 'wrap'
  /** Mirror half of the images, left for right. Not for what means something else then, as traffic signs do. */
  readonly flip: boolean
}

/** Copies of the images with these indices, each mirrored and then shifted at random; on bytes, before normalisation. */
export function augment(
  images: Images,
  indices: ArrayLike<number>,
  {shift, border = 'black', flip}: Augmentation,
  random: Random,
): Images {
  const {height, width, channels, data} = images
  const line = width * channels
  const size = height * line
  const result = new Uint8Array(indices.length * size)
  for (let i = 0; i < indices.length; i++) {
    const rows = origins(height, random.integer(2 * shift + 1) - shift, border)
    const columns = origins(width, random.integer(2 * shift + 1) - shift, border)
    const mirrored = flip && random.integer(2) === 1
    const image = indices[i]! * size
    for (let row = 0, to = i * size; row < height; row++)
      for (let column = 0; column < width; column++, to += channels) {
        const [y, x] = [rows[row]!, columns[column]!]
        if (y < 0 || x < 0) continue
        const from = image + y * line + (mirrored ? width - 1 - x : x) * channels
        for (let channel = 0; channel < channels; channel++) result[to + channel] = data[from + channel]!
      }
  }
  return {count: indices.length, height, width, channels, data: result}
}

/** Where each row (or column) of a shifted image comes from; -1: from outside. */
function origins(size: number, shift: number, border: 'black' | 'wrap'): Int32Array {
  return Int32Array.from({length: size}, (_, to) => {
    const from = to - shift
    if (border === 'wrap') return ((from % size) + size) % size
    return from >= 0 && from < size ? from : -1
  })
}
