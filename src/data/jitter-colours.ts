import type {Random} from '../engine/random.ts'

/**
 * Brightness, contrast and saturation changed by up to 40 %, the hue by up to a tenth of the circle, in random order
 * (torchvision's ColorJitter(0.4, 0.4, 0.4, 0.1)). In place, on values 0 … 255; grey images have no saturation and hue.
 */
export function jitterColours(values: Float32Array, channels: number, random: Random): void {
  const factor = () => random.uniform(0.6, 1.4)
  const [brightness, contrast, saturation, hue] = [factor(), factor(), factor(), random.uniform(-0.1, 0.1)]
  for (const change of random.permutation(4))
    if (change === 0) mix(values, brightness, 0)
    else if (change === 1) mix(values, contrast, meanLuminance(values, channels))
    else if (channels === 3 && change === 2) saturate(values, saturation)
    else if (channels === 3) turnHue(values, hue)
}

function mix(values: Float32Array, factor: number, other: number): void {
  for (let i = 0; i < values.length; i++) values[i] = clip(values[i]! * factor + (1 - factor) * other)
}

function saturate(values: Float32Array, factor: number): void {
  for (let at = 0; at < values.length; at += 3)
    mix(values.subarray(at, at + 3), factor, luminance(values, at))
}

const clip = (value: number) => Math.max(0, Math.min(255, value))

const luminance = (values: Float32Array, at: number) =>
  0.299 * values[at]! + 0.587 * values[at + 1]! + 0.114 * values[at + 2]!

function meanLuminance(values: Float32Array, channels: number): number {
  let sum = 0
  for (let at = 0; at < values.length; at += channels)
    sum += channels === 3 ? luminance(values, at) : values[at]!
  return (sum * channels) / values.length
}

/** By `turn` of the colour circle, in HSV. */
function turnHue(values: Float32Array, turn: number): void {
  for (let at = 0; at < values.length; at += 3) {
    const [r, g, b] = [values[at]!, values[at + 1]!, values[at + 2]!]
    const high = Math.max(r, g, b)
    const chroma = high - Math.min(r, g, b)
    if (chroma === 0) continue
    const sector = high === r ? (g - b) / chroma : high === g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma
    const hue = sector + 6 * turn + 12
    for (let k = 0; k < 3; k++) {
      // Red, green and blue are the same curve, a third of the circle apart.
      const place = ([5, 3, 1][k]! + hue) % 6
      values[at + k] = high - chroma * Math.max(0, Math.min(place, 4 - place, 1))
    }
  }
}
