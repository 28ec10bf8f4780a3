import {defineMethod} from '@abd/core'
import {z} from 'zod'
import type {Pixel} from './anchor.ts'
import {anchor} from './anchor.ts'

const colours = [
  [0, 0, 0],
  [255, 0, 255],
  [0, 0, 255],
  [255, 255, 0],
  [255, 255, 255],
  [0, 255, 255],
  [0, 255, 255],
  [255, 0, 0],
  [255, 255, 255],
] as const
const pixels: readonly Pixel[] = colours.map((value, i) => ({row: 31, column: 23 + i, value}))

export const l0Inv = defineMethod({
  kind: 'trigger',
  name: 'l0_inv',
  summary: 'Nine coloured pixels at the right end of the last row',
  paper: 'https://arxiv.org/abs/1909.02742',
  options: z.strictObject({}),
  create: () => (shape) => anchor('l0_inv', shape, 'replace', pixels),
})
