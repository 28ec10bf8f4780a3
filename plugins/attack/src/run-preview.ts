import type {Context, Registry} from '@abd/core'
import {usageError} from '@abd/core'
import {parseTrigger} from '@abd/core/audit'
import type {Images} from '@abd/core/data'
import {checkPngPath, writePng} from '@abd/core/data'
import {outputError} from '@abd/core/report'
import {realpath} from 'node:fs/promises'
import {sep} from 'node:path'
import {imagesToPreview} from './images-to-preview.ts'
import type {Effect} from './preview.ts'
import {preview} from './preview.ts'
import {triggersFor} from './triggers-for.ts'

export interface PreviewRequest {
  readonly trigger: string
  readonly image?: string | undefined
  /** Of triggers: `sig.form=additive`. */
  readonly set?: readonly string[] | undefined
  readonly dataset: string
  readonly count: number
  readonly out: string
}

/** Draws the triggers on the images and writes the sheet; says what each does, and why others were left out. */
export async function runPreview(
  {trigger, image, set, dataset, count, out}: PreviewRequest,
  registry: Registry,
  context: Context,
): Promise<{readonly effects: readonly Effect[]; readonly refused: readonly string[]}> {
  checkPngPath('--out', out)
  await keepInputs(out, [dataset, ...(image === undefined ? [] : [image]), ...pathsOf(trigger)])
  const images = await imagesToPreview(dataset, count, context)
  // One that is a picture, as `scar-lite` writes it; where it leads to makes no difference to what it looks like.
  const {made, refused} =
    pathsOf(trigger).length > 0 && !registry.has('trigger', trigger)
      ? {
          made: [(await parseTrigger(`${trigger}:0`, registry, context)(shapeOf(images))).trigger],
          refused: [],
        }
      : triggersFor({trigger, image, settings: set}, images, registry, context)
  const {sheet, effects} = preview(images, made)
  await writePng(out, sheet).catch((error: unknown) => {
    throw outputError(error, out)
  })
  return {effects, refused}
}

const shapeOf = ({height, width, channels}: Images) => ({height, width, channels})

/** Of a trigger that is a picture: image.png[,mask.png]. */
const pathsOf = (trigger: string): readonly string[] =>
  /\.png(,|$)/i.test(trigger) ? trigger.split(',') : []

/** The sheet replaces no picture that it is drawn from. Throws E_OUT_IN_USE. */
async function keepInputs(out: string, inputs: readonly string[]): Promise<void> {
  const target = await realpath(out).catch(() => undefined)
  if (target === undefined) return
  for (const input of inputs) {
    const source = await realpath(input).catch(() => undefined)
    if (source === undefined || (target !== source && !target.startsWith(source + sep))) continue
    throw usageError({
      code: 'E_OUT_IN_USE',
      message: `--out ${out} would replace a picture of ${input}.`,
      hints: ['Choose another name with --out.'],
    })
  }
}
