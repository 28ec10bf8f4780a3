import type {Images} from './images.ts'

/** The first image of each, of the same size, in one picture. */
export function sideBySide(left: Images, right: Images): Images {
  const {height, width, channels} = left
  const line = width * channels
  const data = new Uint8Array(2 * height * line)
  for (let row = 0; row < height; row++)
    for (const [side, {data: source}] of [left, right].entries())
      data.set(source.subarray(row * line, (row + 1) * line), (2 * row + side) * line)
  return {count: 1, height, width: 2 * width, channels, data}
}
