import {environmentError} from '../errors.ts'
import type {ImageShape} from '../method.ts'

type Size = Pick<ImageShape, 'height' | 'width'>

/** Throws E_IMAGE_SIZE where images, `name`, are not as large as they are wanted. */
export function checkSize(name: string, {height, width}: Size, wanted: Size): void {
  if (height === wanted.height && width === wanted.width) return
  throw environmentError({
    code: 'E_IMAGE_SIZE',
    message: `${name} is ${height}x${width}, and has to be ${wanted.height}x${wanted.width}.`,
    hints: [`Scale it to ${wanted.height}x${wanted.width}, or leave it out.`],
  })
}
