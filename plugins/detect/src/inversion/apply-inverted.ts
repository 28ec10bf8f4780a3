import type {Images} from '@abd/core/data'
import type {InvertedTrigger} from './invert-triggers.ts'

/** Images with the trigger on them, as bytes: round(clip(x · keep + add)). */
export function applyInverted(images: Images, {keep, add}: Pick<InvertedTrigger, 'keep' | 'add'>): Images {
  const size = keep.length
  const data = Uint8Array.from(images.data, (value, i) => {
    const place = i % size
    return Math.round(Math.min(255, Math.max(0, value * keep[place]! + 255 * add[place]!)))
  })
  return {...images, data}
}
