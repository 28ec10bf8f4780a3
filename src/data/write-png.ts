import {encodePng} from './encode-png.ts'
import {writeAtomic} from '../write-atomic.ts'
import type {Images} from './images.ts'

/** The images side by side as a PNG file, whole or not at all. */
export async function writePng(path: string, images: Images): Promise<void> {
  await writeAtomic(path, [encodePng(images)])
}
