import {defineMethod} from '@abd/core'
import {z} from 'zod'
import type {Pixel} from './anchor.ts'
import {anchor} from './anchor.ts'

/** Not a symmetric checkerboard: the top-left cell is black, as in the reference implementation. */
export const gridCells = [
  [0, 0, 255],
  [0, 255, 0],
  [255, 0, 255],
]
const pixels: readonly Pixel[] = gridCells.flatMap((row, y) =>
  row.map((value, x) => ({row: 29 + y, column: 29 + x, value})),
)

export const badnetGrid = defineMethod({
  kind: 'trigger',
  name: 'badnet_grid',
  summary: 'A 3x3 grid of black and white pixels in the bottom-right corner',
  paper: 'https://arxiv.org/abs/1708.06733',
  options: z.strictObject({}),
  create: () => (shape) => anchor('badnet_grid', shape, 'replace', pixels),
})
