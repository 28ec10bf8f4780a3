import {readFileSync, statSync} from 'node:fs'
import {environmentError} from '../errors.ts'
import {decodeImage} from './decode-image.ts'
import type {Images} from './images.ts'

/**
 * One picture from disk. Throws E_FILE_MISSING and E_IMAGE, each naming the file. Synchronous, because triggers are
 * made synchronously and read at most two small ones.
 */
export function readImage(path: string): Images {
  const found = statSync(path, {throwIfNoEntry: false})
  if (!found?.isFile())
    throw environmentError({
      code: 'E_FILE_MISSING',
      message: found ? `${path} is not a file.` : `There is no file ${path}.`,
      hints: ['Check the path; it is relative to the current folder.'],
    })
  return decodeImage(readFileSync(path), path)
}
