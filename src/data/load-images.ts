import type {ImageShape} from '../method.ts'
import {fitShape} from './fit-shape.ts'
import type {Images} from './images.ts'
import {readDataFiles} from './read-data-files.ts'
import type {Reading} from './read-pictures.ts'
import {concatImages} from './take-images.ts'

/** All images at a path (see `readDataFiles`), in this shape; labels do not matter. */
export async function loadImages(path: string, shape: ImageShape, reading: Reading = {}): Promise<Images> {
  const {train, test} = await readDataFiles(path, shape, reading)
  return concatImages(
    fitShape(train.images, shape, reading),
    ...(test ? [fitShape(test.images, shape, reading)] : []),
  )
}
