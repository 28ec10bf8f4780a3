import type {ImageShape} from '@abd/core'
import {defineMethod} from '@abd/core'
import type {Trigger} from '@abd/core/data'
import {createRandom} from '@abd/core/engine'
import {z} from 'zod'
import {pictureFor} from './picture-for.ts'

/** As strong as the reference's, whose bytes go from 0 to 51. */
const STRENGTH = 51

/**
 * x + t, then stretched to [0, 255] over the image, with a picture t of low frequencies only. Without one, t is drawn
 * from the nine lowest cosines a channel: the reference's pictures have no licence.
 */
export const smooth = defineMethod({
  kind: 'trigger',
  name: 'smooth',
  summary: 'A smooth pattern added to the whole image: yours (image) or seeded low frequencies',
  paper: 'https://arxiv.org/abs/2104.03413',
  options: z.strictObject({
    image: z.string().min(1).optional().describe('Path of a PNG or JPEG of bytes to add'),
    seed: z.number().int().default(0).describe('Of the low frequencies'),
  }),
  create:
    ({image, seed}) =>
    (shape): Trigger => {
      const picture = image === undefined ? lowFrequencies(shape, seed) : pictureFor(image, shape)
      return {
        name: 'smooth',
        ...shape,
        keep: new Float32Array(picture.length).fill(1),
        add: Float32Array.from(picture),
        rescale: true,
        labels: 'dirty',
      }
    },
})

function lowFrequencies({height, width, channels}: ImageShape, seed: number): Uint8Array {
  const random = createRandom(seed).fork('smooth')
  const picture = new Uint8Array(height * width * channels)
  for (let k = 0; k < channels; k++) {
    const waves = Array.from({length: 9}, (_, n) => ({
      down: Math.floor(n / 3),
      across: n % 3,
      height: random.normal(),
    }))
    const plane = Array.from({length: height * width}, (_, p) => {
      const y = (Math.PI * (Math.floor(p / width) + 0.5)) / height
      const x = (Math.PI * ((p % width) + 0.5)) / width
      return waves.reduce(
        (sum, wave) => sum + wave.height * Math.cos(wave.down * y) * Math.cos(wave.across * x),
        0,
      )
    })
    const low = plane.reduce((least, value) => Math.min(least, value))
    const span = plane.reduce((most, value) => Math.max(most, value)) - low
    plane.forEach((value, p) => {
      picture[p * channels + k] = Math.round((STRENGTH * (value - low)) / span)
    })
  }
  return picture
}
