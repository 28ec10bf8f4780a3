import type {ImageShape} from '../method.ts'
import {checkSize} from './check-size.ts'
import type {DataSplit} from './data-files.ts'
import {fitShape} from './fit-shape.ts'
import type {Images} from './images.ts'
import {readDataFiles} from './read-data-files.ts'
import type {Reading} from './read-pictures.ts'
import {concatImages} from './take-images.ts'

/**
 * All images at a path (see `readDataFiles`), in this shape; labels do not matter. Throws what `readDataFiles` throws and,
 * where they are to be exact, E_IMAGE_SIZE.
 */
export async function loadImages(path: string, shape: ImageShape, reading: Reading = {}): Promise<Images> {
  const {train, test} = await readDataFiles(path, shape, reading)
  const fitted = ({images}: DataSplit): Images => {
    if (reading.exact) checkSize(path, images, shape)
    return fitShape(images, shape, reading)
  }
  return concatImages(fitted(train), ...(test ? [fitted(test)] : []))
}
