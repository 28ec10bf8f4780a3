import {readFile} from 'node:fs/promises'
import {createRequire} from 'node:module'
import {decodeImage} from './decode-image.ts'

/** The side of one drawing in pixels, and how many there are in a row of the atlas. */
export const TEMPLATE_SIDE = 96
export const ATLAS_COLUMNS = 7

/** One sign: TEMPLATE_SIDE² pixels of RGBA, row-major, the colours multiplied by alpha. */
export type Template = Uint8Array

/**
 * The drawings of all signs, in GTSRB's order, out of the atlas that `node scripts/render-signs.ts` renders: users need
 * no renderer.
 */
export async function readSignAtlas(): Promise<readonly Template[]> {
  const path = createRequire(import.meta.url).resolve('#assets/signs.png')
  return cutAtlas(await readFile(path))
}

/** The templates of an atlas of any number of rows; those past the last sign are empty. */
function cutAtlas(png: Uint8Array): readonly Template[] {
  const {width, height, data} = decodeImage(png, 'signs.png')
  const line = TEMPLATE_SIDE * 4
  return Array.from({length: ATLAS_COLUMNS * Math.floor(height / TEMPLATE_SIDE)}, (_, n) => {
    const template = new Uint8Array(TEMPLATE_SIDE * line)
    const left = (n % ATLAS_COLUMNS) * line
    const top = Math.floor(n / ATLAS_COLUMNS) * TEMPLATE_SIDE
    for (let y = 0; y < TEMPLATE_SIDE; y++) {
      const from = (top + y) * width * 4 + left
      template.set(data.subarray(from, from + line), y * line)
    }
    return premultiplied(template)
  })
}

function premultiplied(pixels: Uint8Array): Uint8Array {
  for (let at = 0; at < pixels.length; at += 4) {
    const alpha = pixels[at + 3]! / 255
    for (let k = 0; k < 3; k++) pixels[at + k] = Math.round(pixels[at + k]! * alpha)
  }
  return pixels
}
