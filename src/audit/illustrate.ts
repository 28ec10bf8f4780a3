import {encodePng} from '../data/encode-png.ts'
import type {Images} from '../data/images.ts'
import type {Illustration} from './report-schema.ts'

/** A picture for the report, of the images side by side (one sheet is one image), and what one sees on it. */
export const illustrate = (
  picture: Images,
  about: Omit<Illustration, 'width' | 'height' | 'png'>,
): Illustration => ({
  ...about,
  width: picture.count * picture.width,
  height: picture.height,
  png: Buffer.from(encodePng(picture)).toString('base64'),
})
