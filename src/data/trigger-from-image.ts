import {usageError} from '../errors.ts'
import type {ImageShape} from '../method.ts'
import type {Images} from './images.ts'
import {readImage} from './read-image.ts'
import type {Trigger} from './trigger.ts'
import {withChannels} from './with-channels.ts'

export interface TriggerFiles {
  /** Path of a PNG or JPEG of the size of the images. */
  readonly image: string
  /** White: the image replaces; black: the pixel stays; grey: blended. */
  readonly mask?: string
  readonly labels?: 'dirty' | 'clean'
}

/**
 * A trigger out of a picture. With a mask m, or the picture's own transparency: x' = (1 - m) x + m t. With neither:
 * x' = x + t, as published triggers are given, because an opaque picture would leave nothing of the image.
 * Nothing is resized: a trigger is exact to the pixel.
 * Throws E_FILE_MISSING, E_IMAGE, E_TRIGGER where it changes nothing, and E_TRIGGER_SHAPE where the picture or its mask is not of the images' size.
 */
export async function triggerFromImage(
  {image, mask, labels = 'dirty'}: TriggerFiles,
  shape: ImageShape,
): Promise<Trigger> {
  const picture = sized(readImage(image), image, shape)
  const paint = withChannels(picture, shape.channels).data
  const cover =
    mask === undefined ? opacity(picture) : withChannels(sized(readImage(mask), mask, shape), 1).data
  const keep = new Float64Array(paint.length).fill(1)
  const add = Float64Array.from(paint)
  if (cover)
    for (let i = 0; i < paint.length; i++) {
      const share = cover[Math.floor(i / shape.channels)]! / 255
      keep[i] = 1 - share
      add[i]! *= share
    }
  if (keep.every((value) => value === 1) && add.every((value) => value === 0))
    throw usageError({
      code: 'E_TRIGGER',
      message: `${image}${mask === undefined ? '' : ` under ${mask}`} changes no pixel: it is no trigger.`,
      hints: ['White parts of a mask replace, black ones keep; without a mask the picture is added.'],
    })
  return {name: image, ...shape, keep, add, rescale: false, labels}
}

function sized(picture: Images, path: string, {height, width}: ImageShape): Images {
  if (picture.height === height && picture.width === width) return picture
  throw usageError({
    code: 'E_TRIGGER_SHAPE',
    message: `${path} is ${picture.height}x${picture.width} pixels, the network's images are ${height}x${width}.`,
    hints: [
      'Draw the trigger on a picture of that size; it is not resized, because it is exact to the pixel.',
    ],
  })
}

/** The alpha channel, where there is one and it lets anything through. */
function opacity({channels, data}: Images): Uint8Array | undefined {
  if (channels !== 2 && channels !== 4) return undefined
  const alpha = data.filter((_, i) => i % channels === channels - 1)
  return alpha.some((value) => value < 255) ? alpha : undefined
}
