import type {Context, Registry} from '@abd/core'
import {usageError} from '@abd/core'
import {writePng} from '@abd/core/data'
import {outputError} from '@abd/core/report'
import {imagesToPreview} from './images-to-preview.ts'
import type {Effect} from './preview.ts'
import {preview} from './preview.ts'
import {triggersFor} from './triggers-for.ts'

export interface PreviewRequest {
  readonly trigger: string
  readonly image?: string | undefined
  readonly dataset: string
  readonly count: number
  readonly out: string
}

/** Draws the triggers on the images and writes the sheet; says what each does, and why others were left out. */
export async function runPreview(
  {trigger, image, dataset, count, out}: PreviewRequest,
  registry: Registry,
  context: Context,
): Promise<{readonly effects: readonly Effect[]; readonly refused: readonly string[]}> {
  if (!/\.png$/i.test(out))
    throw usageError({
      code: 'E_OUT',
      message: `--out ${out}: the sheet is a PNG.`,
      hints: ['Give a name that ends in .png.'],
    })
  const images = await imagesToPreview(dataset, count, context)
  const {made, refused} = triggersFor({trigger, image}, images, registry, context)
  const {sheet, effects} = preview(images, made)
  await writePng(out, sheet).catch((error: unknown) => {
    throw outputError(error, out)
  })
  return {effects, refused}
}
