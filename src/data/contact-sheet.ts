import type {Images} from './images.ts'
import {drawText, GLYPH_HEIGHT, textWidth} from './small-font.ts'
import {withChannels} from './with-channels.ts'

export interface ContactSheet {
  /** Each row's images side by side, all of one size, with a caption to their left. */
  readonly rows: readonly {readonly caption: string; readonly images: Images}[]
  /** Over the columns, repeated where there are more of these. */
  readonly heads?: readonly string[]
  /** So many neighbouring columns belong together; between groups is a wider gap. */
  readonly group?: number
  /** How many pixels a side each pixel becomes. */
  readonly scale?: number
}

const PAPER = 24
const INK = 225
const GAP = 4
const GROUP_GAP = 16
const MARGIN = 12
/** Text is drawn twice as large. */
const TEXT = 2

/** One RGB picture of rows of images, for people to look at. */
export function contactSheet({rows, heads = [], group = 1, scale = 3}: ContactSheet): Images {
  const first = rows[0]?.images
  if (!first) throw new RangeError('A contact sheet needs a row.')
  const columns = Math.max(...rows.map(({images}) => images.count))
  const [cellWidth, cellHeight] = [first.width * scale, first.height * scale]
  const captions = Math.max(...rows.map(({caption}) => textWidth(caption) * TEXT)) + MARGIN
  const top = MARGIN + (heads.length > 0 ? GLYPH_HEIGHT * TEXT + GAP : 0)
  const leftOf = (column: number) =>
    MARGIN + captions + column * (cellWidth + GAP) + Math.floor(column / group) * (GROUP_GAP - GAP)
  const width = leftOf(columns - 1) + cellWidth + MARGIN
  const height = top + rows.length * (cellHeight + GAP) - GAP + MARGIN
  const data = new Uint8Array(width * height * 3).fill(PAPER)

  const dot = (x: number, y: number, side: number, colour: readonly [number, number, number]) => {
    for (let row = y; row < Math.min(height, y + side); row++)
      for (let column = x; column < Math.min(width, x + side); column++)
        data.set(colour, (row * width + column) * 3)
  }
  const write = (text: string, left: number, upper: number) =>
    drawText(text, (x, y) => dot(left + x * TEXT, upper + y * TEXT, TEXT, [INK, INK, INK]))

  if (heads.length > 0)
    for (let column = 0; column < columns; column++)
      write(heads[column % heads.length]!, leftOf(column), MARGIN)
  for (const [n, {caption, images}] of rows.entries()) {
    const upper = top + n * (cellHeight + GAP)
    write(caption, MARGIN, upper + Math.floor((cellHeight - GLYPH_HEIGHT * TEXT) / 2))
    const pixels = withChannels(images, 3).data
    for (let i = 0; i < images.count; i++)
      for (let p = 0; p < images.height * images.width; p++) {
        const at = (i * images.height * images.width + p) * 3
        const colour = [pixels[at]!, pixels[at + 1]!, pixels[at + 2]!] as const
        dot(
          leftOf(i) + (p % images.width) * scale,
          upper + Math.floor(p / images.width) * scale,
          scale,
          colour,
        )
      }
  }
  return {count: 1, height, width, channels: 3, data}
}
