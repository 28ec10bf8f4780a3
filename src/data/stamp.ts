import {usageError} from '../errors.ts'
import {followFlow} from './follow-flow.ts'
import type {Images} from './images.ts'
import type {Trigger} from './trigger.ts'

/**
 * Puts the trigger on every image; the given images stay as they are. Arithmetic in doubles, clipped to [0, 255] and
 * truncated toward zero (reference: `astype('uint8')`), so that the bytes are those the reference's teachers saw.
 * A constant image that is to be rescaled is only clipped, where the reference divides by zero.
 * Throws E_TRIGGER_SHAPE where the trigger was made for images of another shape.
 */
export function stamp(images: Images, trigger: Trigger): Images {
  const {count, height, width, channels} = images
  if (trigger.height !== height || trigger.width !== width || trigger.channels !== channels)
    throw usageError({
      code: 'E_TRIGGER_SHAPE',
      message:
        `The trigger ${trigger.name} is ${trigger.height}x${trigger.width}x${trigger.channels}, ` +
        `the images are ${height}x${width}x${channels}.`,
      hints: ['Make the trigger for the shape of the images.'],
    })
  const size = height * width * channels
  const data = new Uint8Array(count * size)
  const {keep, add, flow} = trigger
  const values = new Float64Array(size)
  const flown = flow && followFlow(flow, images)
  for (let offset = 0; offset < data.length; offset += size) {
    const pixels = flown?.(offset) ?? images.data.subarray(offset, offset + size)
    for (let i = 0; i < size; i++) values[i] = pixels[i]! * keep[i]! + add[i]!
    if (trigger.rescale) stretch(values)
    for (let i = 0; i < size; i++) data[offset + i] = Math.trunc(Math.min(255, Math.max(0, values[i]!)))
  }
  return {count, height, width, channels, data}
}

function stretch(values: Float64Array): void {
  let low = Infinity
  let high = -Infinity
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  if (high === low) return
  for (let i = 0; i < values.length; i++) values[i] = ((values[i]! - low) / (high - low)) * 255
}
