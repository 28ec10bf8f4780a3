import type {ImageShape} from '@abd/core'
import type {Images, Taps} from '@abd/core/data'
import {readImage, resample, toBytes, withChannels} from '@abd/core/data'

/**
 * A user's picture as a trigger's: with the images' channels and, where its size differs, resized as the reference does
 * (scikit-image: Gaussian of σ = (scale - 1) / 2, then linear interpolation). Throws E_FILE_MISSING and E_IMAGE.
 */
export function pictureFor(path: string, shape: ImageShape): Uint8Array {
  const image = withChannels(readImage(path), shape.channels)
  return image.height === shape.height && image.width === shape.width ? image.data : shrink(image, shape)
}

/** The first image at another size. */
export function shrink(
  {data, height, width, channels}: Images,
  size: {height: number; width: number},
): Uint8Array {
  const region = {data, stride: width, channels, top: 0, left: 0, width}
  return toBytes(resample(region, smoothedTaps(height, size.height), smoothedTaps(width, size.width)))
}

function smoothedTaps(input: number, output: number): Taps {
  const scale = input / output
  const sigma = Math.max(0, (scale - 1) / 2)
  const radius = Math.floor(4 * sigma + 0.5)
  const bell = Array.from({length: 2 * radius + 1}, (_, i) =>
    sigma ? Math.exp(-0.5 * ((i - radius) / sigma) ** 2) : 1,
  )
  const area = bell.reduce((sum, value) => sum + value, 0)
  const weights = new Float64Array(output * input)
  for (let i = 0; i < output; i++) {
    const position = (i + 0.5) * scale - 0.5
    const left = Math.floor(position)
    for (const [x, share] of [
      [left, left + 1 - position],
      [left + 1, position - left],
    ] as const)
      bell.forEach((value, t) => {
        weights[i * input + mirrored(x + t - radius, input)]! += (share * value) / area
      })
  }
  return {first: new Int32Array(output), weights, width: input}
}

/** … 2 1 | 0 1 2 … n-1 | n-2 n-3 …: the edge itself is not repeated. */
function mirrored(index: number, length: number): number {
  if (length === 1) return 0
  const period = 2 * (length - 1)
  const within = ((index % period) + period) % period
  return within < length ? within : period - within
}
