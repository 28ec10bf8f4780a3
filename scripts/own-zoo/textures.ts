import type {Random} from '@abd/core/engine'
import type {ImageClass} from './image-class.ts'
import {SIDE} from './image-class.ts'

/**
 * A texture of three waves over the whole image, whose lengths and directions are those of the class; where they begin, how much
 * each counts for and the two colours between which they go are those of an image.
 */
export function drawTexture(random: Random): ImageClass {
  const waves = Array.from({length: 3}, () => {
    const [cycles, angle] = [random.uniform(1.5, 7), random.uniform(0, Math.PI)]
    return [(cycles * Math.cos(angle)) / SIDE, (cycles * Math.sin(angle)) / SIDE] as const
  })
  return (image) => {
    const u = (low: number, high: number) => image.uniform(low, high)
    const parts = waves.map(([right, down]) => ({right, down, phase: u(0, 1), weight: u(0.7, 1.3)}))
    const colours = [0, 1, 2].map(() => [u(5, 115), u(130, 250)] as const)
    const grain = image.normals(SIDE ** 2 * 3, 0, u(2, 12))
    const out = new Uint8Array(SIDE ** 2 * 3)
    for (let row = 0; row < SIDE; row++)
      for (let column = 0; column < SIDE; column++) {
        const sum = parts.reduce(
          (all, {right, down, phase, weight}) =>
            all + weight * Math.cos(2 * Math.PI * (right * column + down * row + phase)),
          0,
        )
        const share = 1 / (1 + Math.exp(-2 * sum))
        for (const [k, [dark, light]] of colours.entries()) {
          const at = (row * SIDE + column) * 3 + k
          out[at] = Math.max(0, Math.min(255, Math.round(dark + share * (light - dark) + grain[at]!)))
        }
      }
    return out
  }
}
