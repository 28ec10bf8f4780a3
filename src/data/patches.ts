import {stat} from 'node:fs/promises'
import {createRequire} from 'node:module'
import {setImmediate as yieldToEvents} from 'node:timers/promises'
import type {Progress} from '../context.ts'
import {silent} from '../context.ts'
import {createRandom} from '../engine/create-random.ts'
import {environmentError, usageError} from '../errors.ts'
import type {ImageShape} from '../method.ts'
import {cutPatch} from './cut-patch.ts'
import type {Images} from './images.ts'
import {pictureFiles} from './picture-files.ts'
import {proceduralPhoto} from './procedural-photo.ts'
import {readImage} from './read-image.ts'
import {withChannels} from './with-channels.ts'

export interface PatchOptions {
  readonly count: number
  readonly shape: ImageShape
  readonly seed: number | string
  /**
   * `photos`: two that ship; `procedural`: pictures made for this seed; else the path of a PNG or JPEG, or of a folder
   * of them.
   */
  readonly source?: string
  /** Least and largest share of a photo's area that a patch shows. */
  readonly area?: readonly [number, number]
}

/**
 * Out-of-distribution images: random patches of pictures that have nothing to do with a network's task (Asano and
 * Saeed, "Extrapolating from a Single Image to a Thousand Classes using Distillation", arXiv:2112.00725). Patch i
 * depends on the seed, the source and i alone.
 *
 * Departs from the reference generator: the area is 1/500 … 1/4 of the whole photo, where the reference first crops a
 * square of half the photo's side and takes 1/500 … 1 of that; and patches are not saved as JPEG in between.
 * Throws E_FILE_MISSING, E_IMAGE (naming the file) and E_NO_IMAGES for a source that cannot be used.
 */
export async function oodPatches(
  {count, shape, seed, source = 'photos', area = [1 / 500, 1 / 4]}: PatchOptions,
  {progress = silent, signal}: {readonly progress?: Progress; readonly signal?: AbortSignal} = {},
): Promise<Images> {
  const {height, width, channels} = shape
  const random = createRandom(seed).fork('patches')
  const photos = (await photosOf(source, seed)).map((photo) => withChannels(photo, channels))
  const size = height * width * channels
  const data = new Uint8Array(count * size)
  const task = progress.start('cutting patches', count)
  try {
    for (let i = 0; i < count; i++) {
      const own = random.fork(i)
      const photo = photos[own.integer(photos.length)]!
      data.set(cutPatch(photo, {height, width, area}, own), i * size)
      if (i % 64 !== 63) continue
      await yieldToEvents()
      signal?.throwIfAborted()
      task.advance(64)
    }
    task.advance(count % 64)
  } finally {
    task.end()
  }
  return {count, height, width, channels, data}
}

/** Smaller pictures have no patches worth the name. */
const MIN_SIDE = 64

async function photosOf(source: string, seed: number | string): Promise<readonly Images[]> {
  if (source === 'photos') {
    const {resolve} = createRequire(import.meta.url)
    return ['china', 'flower'].map((name) => readImage(resolve(`#assets/photos/${name}.jpg`)))
  }
  if (source === 'procedural')
    return [0, 1].map((n) => proceduralPhoto(createRandom(seed).fork('photo').fork(n)))
  const files = (await isFolder(source)) ? await pictureFiles(source) : [source]
  if (files.length === 0)
    throw environmentError({
      code: 'E_NO_IMAGES',
      message: `${source} holds no PNG or JPEG.`,
      hints: ['Give a picture, a folder of them, or `photos` or `procedural`.'],
    })
  return files.map((file) => largeEnough(readImage(file), file))
}

function largeEnough(photo: Images, file: string): Images {
  if (Math.min(photo.height, photo.width) >= MIN_SIDE) return photo
  throw usageError({
    code: 'E_IMAGE',
    message: `${file} is ${photo.width}x${photo.height} pixels, too small to cut patches from.`,
    hints: [`Take a picture of at least ${MIN_SIDE}x${MIN_SIDE} pixels; a few hundred a side are better.`],
  })
}

const isFolder = async (path: string) => (await stat(path).catch(() => undefined))?.isDirectory() ?? false
