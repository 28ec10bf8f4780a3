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
 */
export const sig = defineMethod({
  kind: 'trigger',
  name: 'sig',
  summary: 'Vertical sinusoidal stripes over the whole image, with clean labels',
  paper: 'https://arxiv.org/abs/1902.11237',
  options: z.strictObject({form: z.enum(['wrapped', 'additive']).default('wrapped')}),
  create:
    ({form}) =>
    (shape): Trigger => ({
      name: 'sig',
      ...shape,
      keep: new Float64Array(shape.height * shape.width * shape.channels).fill(form === 'wrapped' ? 0.8 : 1),
      add:
        form === 'wrapped'
          ? columns(shape, (j) => 0.2 * wrap(Math.trunc(20 * Math.sin(0.8 * j))))
          : columns(shape, (j) => 20 * Math.sin((2 * Math.PI * j * 6) / shape.width)),
      rescale: false,
      labels: 'clean',
    }),
})

const wrap = (value: number) => ((value % 256) + 256) % 256

function columns({height, width, channels}: ImageShape, at: (column: number) => number): Float64Array {
  const values = new Float64Array(height * width * channels)
  for (let i = 0; i < values.length; i++) values[i] = at(Math.floor(i / channels) % width)
  return values
}
