import {defineMethod} from '@abd/core'
import {z} from 'zod'
import type {Pixel} from './anchor.ts'
import {anchor} from './anchor.ts'

const colours = [
  [
    [207, 131, 181],
    [175, 243, 120],
    [29, 232, 179],
  ],
  [
    [79, 8, 126],
    [137, 0, 32],
    [248, 113, 146],
  ],
  [
    [131, 40, 4],
    [6, 145, 61],
    [246, 250, 246],
  ],
] as const
const pixels: readonly Pixel[] = colours.flatMap((row, y) =>
  row.map((value, x) => ({row: 25 + y, column: 25 + x, value})),
)

export const trojan3x3 = defineMethod({
  kind: 'trigger',
  name: 'trojan_3x3',
  summary: 'A coloured 3x3 patch added near the bottom-right corner',
  paper: 'https://docs.lib.purdue.edu/cstech/1781/',
  options: z.strictObject({}),
  create: () => (shape) => anchor('trojan_3x3', shape, 'add', pixels),
})
