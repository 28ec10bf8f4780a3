import {defineMethod} from '@abd/core'
import type {ImageShape} from '@abd/core'
import type {Trigger} from '@abd/core/data'
import {z} from 'zod'

/**
 * Vertical stripes, stamped on images of the target class only (clean label). Two forms:
 * - `wrapped`, the default and what the reference implementation's teachers were trained with:
 *   0.8 x + 0.2 t with t(j) = trunc(20 sin(0.8 j)) mod 256. Written as bytes, the sinusoid's negative half wraps to
 *   236 … 255, so that the stripes are far stronger than the paper's.
 * - `additive`, the paper's: x + Δ sin(2π j f / m) with Δ = 20, f = 6 and m columns.
 *
 * Its neighbours are the next frequencies on either side.
 */
export const sig = defineMethod({
  kind: 'trigger',
  name: 'sig',
  summary: 'Vertical sinusoidal stripes over the whole image, with clean labels',
  paper: 'https://arxiv.org/abs/1902.11237',
  options: z.strictObject({form: z.enum(['wrapped', 'additive']).default('wrapped')}),
  create:
    ({form}) =>
    (shape): Trigger => {
      const wave = (angleAt: (column: number) => number): Trigger => ({
        name: 'sig',
        ...shape,
        keep: new Float64Array(shape.height * shape.width * shape.channels).fill(
          form === 'wrapped' ? 0.8 : 1,
        ),
        add: columns(shape, (j) => {
          const sine = Math.sin(angleAt(j))
          return form === 'wrapped' ? 0.2 * wrap(Math.trunc(20 * sine)) : 20 * sine
        }),
        rescale: false,
        labels: 'clean',
      })
      const radians = (perColumn: number) => wave((j) => perColumn * j)
      const periods = (count: number) => wave((j) => (2 * Math.PI * j * count) / shape.width)
      return form === 'wrapped'
        ? {...radians(0.8), neighbours: [radians(0.6), radians(1)]}
        : {...periods(6), neighbours: [periods(5), periods(7)]}
    },
})

const wrap = (value: number) => ((value % 256) + 256) % 256

function columns({height, width, channels}: ImageShape, at: (column: number) => number): Float64Array {
  const values = new Float64Array(height * width * channels)
  for (let i = 0; i < values.length; i++) values[i] = at(Math.floor(i / channels) % width)
  return values
}
