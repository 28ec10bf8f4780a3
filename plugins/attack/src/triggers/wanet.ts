import {defineMethod} from '@abd/core'
import type {Trigger} from '@abd/core/data'
import {createRandom} from '@abd/core/engine'
import {z} from 'zod'
import {smoothField} from './smooth-field.ts'

/**
 * A smooth, fixed warp (Nguyen & Tran, 2021): `grid` x `grid` random vectors, uniform in -1 … 1 and divided by their mean
 * absolute value, interpolated bicubically to the image and scaled by `strength` / side of the image in PyTorch's
 * coordinates from -1 to 1: pixels move by strength · vector · (side - 1) / (2 · side).
 * In the noise mode twice as many images as are poisoned bear the warp with noise and keep their label.
 * Departures: poisoned and noisy images are made once, before training, not anew in each batch, and in bytes; the noise is
 * uniform within ± (side - 1) / (2 · side) pixels, the reference's, but a training set is poisoned at `--ratio` of all
 * images rather than of each batch.
 */
export const wanet = defineMethod({
  kind: 'trigger',
  name: 'wanet',
  summary: 'A smooth warp of the whole image, with noisily warped images as cover',
  paper: 'https://arxiv.org/abs/2102.10369',
  options: z.strictObject({
    grid: z.int().min(2).max(32).default(4).describe('Control points a side'),
    strength: z.number().gt(0).max(20).default(0.5).describe('Twice the mean shift, in pixels, about'),
    noise: z.boolean().default(true).describe('The noise mode'),
    seed: z.number().int().default(0).describe('Of the field'),
  }),
  create:
    ({grid, strength, noise, seed}) =>
    (shape): Trigger => {
      const {height, width, channels} = shape
      const values = height * width * channels
      const field = smoothField(shape, grid, createRandom(seed).fork('wanet'))
      const scale = [height, width].map((side) => (side - 1) / (2 * side))
      return {
        name: 'wanet',
        ...shape,
        keep: new Float64Array(values).fill(1),
        add: new Float64Array(values),
        rescale: false,
        labels: 'dirty',
        flow: field.map((value, i) => strength * scale[i % 2]! * value),
        ...(noise ? {jitter: Math.max(...scale)} : {}),
        adaptive: true,
      }
    },
})
