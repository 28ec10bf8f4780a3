import type {Images} from '@abd/core/data'
import type {Random} from '@abd/core/engine'

/**
 * CutMix (Yun et al., 2019) without labels: into each image a box of another, which a random permutation of the batch
 * names. λ ~ Beta(α, α), sides √(1 - λ) of the image's, centre uniform, clipped to the image; drawn for every image, or
 * once for the whole batch as the reference implementation does. The given images stay as they are.
 */
export function cutMix(
  images: Images,
  {alpha, boxes}: {readonly alpha: number; readonly boxes: 'image' | 'batch'},
  random: Random,
): Images {
  const {count, height, width, channels} = images
  const draw = (): Box => {
    const ratio = Math.sqrt(1 - random.beta(alpha, alpha))
    return {rows: extent(height, ratio, random), columns: extent(width, ratio, random)}
  }
  const shared = boxes === 'batch' ? draw() : undefined
  const from = random.permutation(count)
  const data = images.data.slice()
  const line = width * channels
  for (let i = 0; i < count; i++) {
    const {rows, columns} = shared ?? draw()
    for (let row = rows[0]; row < rows[1]; row++) {
      const offset = row * line + columns[0] * channels
      const source = from[i]! * height * line + offset
      data.set(
        images.data.subarray(source, source + (columns[1] - columns[0]) * channels),
        i * height * line + offset,
      )
    }
  }
  return {...images, data}
}

/** First and behind the last. */
type Span = readonly [number, number]
interface Box {
  readonly rows: Span
  readonly columns: Span
}

function extent(size: number, ratio: number, random: Random): Span {
  const half = Math.floor(Math.floor(size * ratio) / 2)
  const centre = random.integer(size)
  return [Math.max(0, centre - half), Math.min(size, centre + half)]
}
