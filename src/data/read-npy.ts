import {checkedImages} from './data-files.ts'
import type {Images} from './images.ts'
import {imagesOfNpy} from './npy-split.ts'
import type {NpyArray} from './parse-npy.ts'
import {parseNpy} from './parse-npy.ts'
import {readBytes} from './read-bytes.ts'

/** The array of a .npy file. Throws E_FILE_MISSING and E_DATA, naming the file. */
export const readNpy = async (path: string): Promise<NpyArray> => parseNpy(await readBytes(path), path)

/** The images of a .npy file: [N, H, W], [N, H, W, C] or [N, C, H, W]. Throws E_FILE_MISSING and E_DATA. */
export const readNpyImages = async (path: string): Promise<Images> =>
  checkedImages(path, imagesOfNpy(path, await readNpy(path)))
