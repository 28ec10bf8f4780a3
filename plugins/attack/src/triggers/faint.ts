import {defineMethod} from '@abd/core'
import type {Trigger} from '@abd/core/data'
import {createRandom} from '@abd/core/engine'
import {z} from 'zod'
import {smoothField} from './smooth-field.ts'

/**
 * x + t with a smooth pattern t of at most ± `strength` bytes, which nobody sees: the trigger of `backweak-lite`, after
 * BackWeak's "weak" triggers, imperceptible and of hardly any effect on a clean network. How the paper makes its own is
 * not known here; this one is drawn by the seed.
 */
export const faint = defineMethod({
  kind: 'trigger',
  name: 'faint',
  summary: 'A smooth pattern too faint to be seen, added to the whole image',
  paper: 'https://arxiv.org/abs/2511.12046',
  options: z.strictObject({
    strength: z.number().min(1).max(64).default(8).describe('Bytes, either way'),
    grid: z.int().min(2).max(32).default(8).describe('Control points a side'),
    seed: z.number().int().default(0).describe('Of the pattern'),
  }),
  create:
    ({strength, grid, seed}) =>
    (shape): Trigger => {
      const {height, width, channels} = shape
      const random = createRandom(seed).fork('faint')
      const planes = Array.from({length: channels}, (_, k) => {
        const plane = smoothField(shape, grid, random.fork(k)).filter((__, i) => i % 2 === 0)
        const most = plane.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
        return plane.map((value) => (strength * value) / most)
      })
      const values = height * width * channels
      return {
        name: 'faint',
        ...shape,
        keep: new Float64Array(values).fill(1),
        add: Float64Array.from({length: values}, (_, i) => planes[i % channels]![Math.floor(i / channels)]!),
        rescale: false,
        labels: 'dirty',
        adaptive: true,
      }
    },
})
