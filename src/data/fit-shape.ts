import type {ImageShape} from '../method.ts'
import type {Images} from './images.ts'
import type {Reading} from './read-pictures.ts'
import {resizeImages} from './resize-images.ts'
import {withChannels} from './with-channels.ts'

/** The images as a network wants them: its channels, and its size where theirs differs, which is said. */
export function fitShape(images: Images, shape: ImageShape, {progress}: Reading = {}): Images {
  const {height, width} = images
  if (height !== shape.height || width !== shape.width)
    progress?.note(
      `${images.count} images were resized from ${height}x${width} to ${shape.height}x${shape.width}.`,
    )
  return resizeImages(withChannels(images, shape.channels), shape)
}
