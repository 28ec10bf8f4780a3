import {readImage} from '@abd/core/data'
import {createRequire} from 'node:module'
import type {Pixel} from './anchor.ts'

const require = createRequire(import.meta.url)

/** The pixels of a picture in `assets/` that are not black. */
export function assetPixels(file: string): readonly Pixel[] {
  const {width, data} = readImage(require.resolve(`#assets/${file}`))
  const pixels: Pixel[] = []
  for (let at = 0; at < data.length; at += 3) {
    const value = [data[at]!, data[at + 1]!, data[at + 2]!] as const
    if (value.some((byte) => byte > 0))
      pixels.push({row: Math.floor(at / 3 / width), column: (at / 3) % width, value})
  }
  return pixels
}
