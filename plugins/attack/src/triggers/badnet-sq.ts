import {defineMethod} from '@abd/core'
import {z} from 'zod'
import type {Pixel} from './anchor.ts'
import {anchor} from './anchor.ts'

const pixels: readonly Pixel[] = Array.from({length: 16}, (_, i) => ({
  row: 27 + Math.floor(i / 4),
  column: 27 + (i % 4),
  value: 255,
}))

export const badnetSq = defineMethod({
  kind: 'trigger',
  name: 'badnet_sq',
  summary: 'A white 4x4 square, one pixel away from the bottom-right corner',
  paper: 'https://arxiv.org/abs/1708.06733',
  options: z.strictObject({}),
  create: () => (shape) => anchor('badnet_sq', shape, 'replace', pixels),
})
