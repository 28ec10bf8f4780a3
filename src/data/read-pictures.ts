import type {Progress} from '../context.ts'
import {silent} from '../context.ts'
import type {ImageShape} from '../method.ts'
import {checkSize} from './check-size.ts'
import {badData} from './data-files.ts'
import {decodeImage} from './decode-image.ts'
import type {Images} from './images.ts'
import {readRegular} from './read-bytes.ts'
import type {Filter} from './resample.ts'
import {resizeImages} from './resize-images.ts'
import {withChannels} from './with-channels.ts'

export interface Reading {
  readonly progress?: Progress
  readonly signal?: AbortSignal
  /** Images of another size than the shape's are an error, where they are resized otherwise. */
  readonly exact?: boolean
}

/** As much as one array of bytes holds on every machine. */
const MAX_BYTES = 2 ** 32

/**
 * Picture files as images of one shape; where none is given, that of the first. Other sizes are resized and said
 * so. Throws E_IMAGE and, where they are to be exact, E_IMAGE_SIZE, naming the file.
 */
export async function readPictures(
  files: readonly string[],
  shape: ImageShape | undefined,
  {progress = silent, signal, exact = false, filter}: Reading & {readonly filter?: Filter} = {},
): Promise<Images> {
  const first = shape ?? colourShape(decodeImage(await readRegular(files[0]!), files[0]!))
  const {height, width, channels} = first
  const size = height * width * channels
  if (files.length * size > MAX_BYTES)
    throw badData(
      `${files.length} pictures of ${height}x${width}x${channels}`,
      'are more than 4 GiB',
      'Give fewer, or smaller ones.',
    )
  const data = new Uint8Array(files.length * size)
  const task = progress.start('reading pictures', files.length)
  let resized = 0
  try {
    for (const [i, file] of files.entries()) {
      signal?.throwIfAborted()
      const image = withChannels(decodeImage(await readRegular(file), file), channels)
      if (exact) checkSize(file, image, first)
      if (image.height !== height || image.width !== width) resized++
      data.set(resizeImages(image, {height, width}, filter).data, i * size)
      task.advance()
    }
  } finally {
    task.end()
  }
  if (resized > 0) progress.note(`${resized} of ${files.length} pictures were resized to ${height}x${width}.`)
  return {count: files.length, height, width, channels, data}
}

const colourShape = ({height, width, channels}: Images): ImageShape => ({
  height,
  width,
  channels: channels < 3 ? 1 : 3,
})
