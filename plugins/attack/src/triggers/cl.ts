import {defineMethod, environmentError} from '@abd/core'
import {existsSync} from 'node:fs'
import {z} from 'zod'
import type {ImageShape} from '@abd/core'
import type {Pixel} from './anchor.ts'
import {anchor, SIDE} from './anchor.ts'
import {gridCells} from './badnet-grid.ts'

/**
 * Clean label (Turner et al., 2019): the target's own training images, made hard to learn by adversarial noise, bear the
 * grid of `badnet_grid` in all four corners, moved there and not mirrored. The noisy images are the user's: those of the
 * paper for CIFAR-10 are 50 000x32x32x3 bytes in a .npy (ℓ∞, ε = 16). Test images bear the grids alone.
 */
export const cl = defineMethod({
  kind: 'trigger',
  name: 'cl',
  summary: 'The grid of badnet_grid in all four corners, with clean labels: on adversarial images of yours',
  paper: 'https://arxiv.org/abs/1912.02771',
  options: z.strictObject({
    adversarial: z
      .string()
      .min(1)
      .optional()
      .describe('Path of a .npy with an adversarial image for each of the training set, in its order'),
  }),
  create({adversarial}) {
    if (adversarial !== undefined && !existsSync(adversarial))
      throw environmentError({
        code: 'E_FILE_MISSING',
        message: `There is no file ${adversarial} of adversarial images.`,
        hints: ['Check the path; it is relative to the current folder.'],
      })
    return (shape) => ({
      ...anchor('cl', shape, 'replace', corners(shape)),
      labels: 'clean',
      substitutes: adversarial ?? null,
    })
  },
})

/** As `anchor` wants them: where they would be on 32x32 pixels with the same distance to the bottom-right corner. */
function corners({height, width}: ImageShape): readonly Pixel[] {
  const last = SIDE - gridCells.length
  return [SIDE - height, last].flatMap((top) =>
    [SIDE - width, last].flatMap((left) =>
      gridCells.flatMap((row, y) => row.map((value, x) => ({row: top + y, column: left + x, value}))),
    ),
  )
}
