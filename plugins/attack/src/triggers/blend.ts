import type {ImageShape} from '@abd/core'
import {defineMethod} from '@abd/core'
import type {Trigger} from '@abd/core/data'
import {createRandom} from '@abd/core/engine'
import {z} from 'zod'
import {pictureFor} from './picture-for.ts'

const CELLS = 8

/**
 * x' = (1 - w) x + w t with a picture t. Without one, t is a grid of 8x8 cells in random colours: the reference's
 * picture has no licence.
 */
export const blend = defineMethod({
  kind: 'trigger',
  name: 'blend',
  summary: 'A picture blended into the whole image: yours (image) or a seeded grid of coloured cells',
  paper: 'https://arxiv.org/abs/1712.05526',
  options: z.strictObject({
    image: z.string().min(1).optional().describe('Path of a PNG or JPEG'),
    weight: z.number().gt(0).max(1).default(0.2).describe("The picture's share"),
    seed: z.number().int().default(42).describe('Of the grid of coloured cells'),
  }),
  create:
    ({image, weight, seed}) =>
    (shape): Trigger => {
      const picture = image === undefined ? colouredCells(shape, seed) : pictureFor(image, shape)
      return {
        name: 'blend',
        ...shape,
        keep: new Float64Array(picture.length).fill(1 - weight),
        add: Float64Array.from(picture, (value) => weight * value),
        rescale: false,
        labels: 'dirty',
      }
    },
})

function colouredCells({height, width, channels}: ImageShape, seed: number): Uint8Array {
  const random = createRandom(seed).fork('blend')
  const colours = Uint8Array.from({length: CELLS * CELLS * channels}, () => random.integer(256))
  const picture = new Uint8Array(height * width * channels)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const cell = Math.floor((y * CELLS) / height) * CELLS + Math.floor((x * CELLS) / width)
      picture.set(colours.subarray(cell * channels, (cell + 1) * channels), (y * width + x) * channels)
    }
  return picture
}
