import type {Images, Normalisation} from './images.ts'

/** A channel that never varies is not scaled up without bound. */
const LEAST_STD = 1 / 255

/** Mean and standard deviation over all pixels of each channel, of values in [0, 1]. */
export function measureNormalisation({channels, data}: Images): Normalisation {
  const sums = new Float64Array(channels)
  const squares = new Float64Array(channels)
  for (let i = 0; i < data.length; i++) {
    const value = data[i]! / 255
    sums[i % channels]! += value
    squares[i % channels]! += value * value
  }
  const pixels = data.length / channels
  const mean = Array.from(sums, (sum) => sum / pixels)
  const std = Array.from(squares, (square, k) =>
    Math.max(LEAST_STD, Math.sqrt(Math.max(0, square / pixels - mean[k]! ** 2))),
  )
  return {mean, std}
}
