import {usageError} from '../errors.ts'
import type {Images} from './images.ts'

/**
 * Grey, grey and alpha, RGB or RGBA to `channels` 1 or 3: colours become grey by their luminance (ITU-R 601), grey is
 * repeated, alpha is dropped. Throws E_CHANNELS for other numbers.
 */
export function withChannels(images: Images, channels: number): Images {
  const {count, height, width, data} = images
  if (images.channels === channels) return images
  const from = images.channels
  if ((channels !== 1 && channels !== 3) || from < 1 || from > 4)
    throw usageError({
      code: 'E_CHANNELS',
      message: `Images of ${from} channels cannot become images of ${channels}.`,
      hints: ['Networks that see 1 (grey) or 3 (red, green, blue) channels can be given images.'],
    })
  const pixels = count * height * width
  const out = new Uint8Array(pixels * channels)
  const grey = from < 3
  for (let p = 0; p < pixels; p++) {
    const [r, g, b] = grey
      ? [data[p * from]!, data[p * from]!, data[p * from]!]
      : [data[p * from]!, data[p * from + 1]!, data[p * from + 2]!]
    if (channels === 3) out.set([r, g, b], p * 3)
    else out[p] = grey ? r : Math.round(0.299 * r + 0.587 * g + 0.114 * b)
  }
  return {count, height, width, channels, data: out}
}
