import {existsSync} from 'node:fs'
import {z} from 'zod'
import type {Context} from '../context.ts'
import type {Normalisation} from '../data/images.ts'
import {triggerFromImage} from '../data/trigger-from-image.ts'
import {usageError} from '../errors.ts'
import type {Registry} from '../registry.ts'
import {Card} from './card.ts'
import type {AuditOptions} from './audit-file.ts'
import {checkInput} from './check-input.ts'

/**
 * Of flags, which are the user's own word, and so may go below what a card may say: networks that take pixels from 0 to 255
 * divide those of abd, from 0 to 1, by 1/255.
 */
const spreads = z
  .array(
    z
      .number()
      .min(1 / 256)
      .max(1),
  )
  .refine(({length}) => length === 1 || length === 3, 'one number or three')

/** One number for all channels, or one for each of three, from the user. */
export const GivenNormalisation = Card.pick({mean: true}).extend({std: spreads})

/** '0.49,0.48,0.45' twice. Throws E_NORMALISATION. */
export function parseNumbers(mean: string, std: string): Normalisation {
  const numbers = (text: string) =>
    text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  const parsed = GivenNormalisation.safeParse({mean: numbers(mean), std: numbers(std)})
  const {mean: centre, std: spread} = parsed.data ?? {}
  if (centre && spread?.length === centre.length) return {mean: centre, std: spread}
  throw usageError({
    code: 'E_NORMALISATION',
    message: `--mean ${mean} --std ${std}: ${parsed.success ? 'they must have one number a channel, as many each' : 'one or three numbers each, means from 0 to 1, deviations from 1/256 to 1'}.`,
    hints: [
      'Give one or three numbers of images in [0, 1], as in --mean 0.4914,0.4822,0.4465 --std 0.2023,0.1994,0.2010',
      'For a network of pixels from 0 to 255: --mean 0 --std 0.0039215686 (1/255), or each three times.',
    ],
  })
}

/** '32x32x3' to height, width, channels. Throws E_INPUT. */
export function parseShape(text: string): [number, number, number] {
  const parsed = Card.shape.input.safeParse(text.split(/[x×]/i).map(Number))
  if (parsed.success && parsed.data) return parsed.data
  throw usageError({
    code: 'E_INPUT',
    message: `--input ${text} is not a size of images.`,
    hints: ['Write height x width x channels, as in 32x32x3.'],
  })
}

/** Throws E_TARGET where a trigger shall lead to a class that the model does not have. */
export function checkTarget(
  {trigger, target}: {readonly trigger: {readonly name: string}; readonly target: number | null},
  classes: number,
): void {
  if (target !== null && target >= classes)
    throw usageError({
      code: 'E_TARGET',
      message: `--trigger ${trigger.name}:${target}: the model's classes go from 0 to ${classes - 1}.`,
      hints: ['Name the class that the trigger shall lead to.'],
    })
}

/**
 * NAME:TARGET or image.png[,mask.png]:TARGET. Throws E_TRIGGER for a malformed one, E_TARGET for a negative class, E_TRIGGER_UNKNOWN with the nearest
 * name, E_PATH where an image is not there. Options of the trigger, by its name, are checked by its schema (E_OPTIONS).
 */
export function parseTrigger(
  text: string,
  registry: Registry,
  context: Context,
  options: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
): AuditOptions['triggers'][number] {
  const negative = /:(-\d+)$/.exec(text)?.[1]
  if (negative !== undefined)
    throw usageError({
      code: 'E_TARGET',
      message: `--trigger ${text}: ${negative} is no class.`,
      hints: ['Classes are counted from 0, as in badnet_grid:0.'],
    })
  const match = /^(.+):(\d+)$/.exec(text)
  if (!match)
    throw usageError({
      code: 'E_TRIGGER',
      message: `--trigger ${text}: the target class is missing, or is no whole number.`,
      hints: ['Write NAME:TARGET or image.png[,mask.png]:TARGET, as in badnet_grid:0.'],
    })
  const [, name, target] = match as unknown as [string, string, string]
  const paths = name.split(',')
  const [image, mask] = paths
  // A trigger's name means that trigger, whatever lies in this folder.
  if (!registry.has('trigger', name) && (/\.png$/i.test(image!) || existsSync(image!))) {
    if (paths.length > 2 || paths.includes(''))
      throw usageError({
        code: 'E_TRIGGER',
        message: `--trigger ${text}: an image and, after a comma, its mask; nothing more.`,
        hints: ['Write image.png:TARGET or image.png,mask.png:TARGET.'],
      })
    for (const path of paths) checkInput('--trigger', path)
    return async (shape) => ({
      trigger: await triggerFromImage({image: image!, ...(mask === undefined ? {} : {mask})}, shape),
      origin: 'given',
      target: Number(target),
    })
  }
  const factory = registry.create('trigger', name, options[registry.get('trigger', name).name] ?? {}, context)
  return (shape) => ({trigger: factory(shape), origin: 'given', target: Number(target)})
}
