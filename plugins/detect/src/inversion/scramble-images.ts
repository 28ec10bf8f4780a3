import type {Images} from '@abd/core/data'
import type {Random} from '@abd/core/engine'

/** Tiles a side. */
const TILES = 4

/**
 * Images whose 4 x 4 tiles lie elsewhere, for each image by a permutation of its own: colours and textures of the task, and nothing
 * that it is about. Rows and columns that four does not divide stay at the bottom and on the right.
 */
export function scrambleImages(images: Images, random: Random): Images {
  const {count, height, width, channels} = images
  const [tall, wide] = [Math.floor(height / TILES), Math.floor(width / TILES)]
  const data = Uint8Array.from(images.data)
  for (let n = 0; n < count; n++)
    for (const [to, from] of random
      .fork(n)
      .permutation(TILES * TILES)
      .entries())
      for (let row = 0; row < tall; row++) {
        const at = (tile: number) =>
          ((n * height + Math.floor(tile / TILES) * tall + row) * width + (tile % TILES) * wide) * channels
        data.set(images.data.subarray(at(from), at(from) + wide * channels), at(to))
      }
  return {...images, data}
}
