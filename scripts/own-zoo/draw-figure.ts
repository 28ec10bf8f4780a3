import type {Random} from '@abd/core/engine'
import type {Figure} from './figures.ts'
import {SIDE} from './image-class.ts'

const SAMPLES = 3

/**
 * A figure somewhere on a ground that changes from one colour to another, 32x32 RGB: its place, size, turn and colours are
 * the random stream's, and either it or the ground is the lighter one, so that neither colour nor brightness tells which
 * figure it is.
 */
export function drawFigure(inside: Figure, random: Random): Uint8Array {
  const u = (low: number, high: number) => random.uniform(low, high)
  const lighter = random.integer(2) === 0
  const colour = (light: boolean) => [0, 1, 2].map(() => (light ? u(130, 250) : u(5, 115)))
  const [figure, ground, end] = [colour(lighter), colour(!lighter), colour(!lighter)]
  const [angle, radius, direction] = [u(-0.35, 0.35), u(8.5, 14), u(0, 2 * Math.PI)]
  const [right, down] = [u(-3, 3), u(-3, 3)]
  const grain = random.normals(SIDE ** 2 * 3, 0, u(2, 12))

  const [cos, sin] = [Math.cos(angle) / radius, Math.sin(angle) / radius]
  const out = new Uint8Array(SIDE ** 2 * 3)
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++) {
      let covered = 0
      for (let sample = 0; sample < SAMPLES ** 2; sample++) {
        const fine = (at: number, n: number) => at + (n + 0.5) / SAMPLES - SIDE / 2
        const x = fine(column, sample % SAMPLES) - right
        const y = fine(row, Math.floor(sample / SAMPLES)) - down
        if (inside(cos * x + sin * y, cos * y - sin * x)) covered++
      }
      const share = covered / SAMPLES ** 2
      const along = column * Math.cos(direction) + row * Math.sin(direction)
      const way = 0.5 + 0.5 * Math.sin((Math.PI * along) / SIDE - Math.PI / 4)
      for (let k = 0; k < 3; k++) {
        const at = (row * SIDE + column) * 3 + k
        const behind = ground[k]! * (1 - way) + end[k]! * way
        const value = figure[k]! * share + behind * (1 - share) + grain[at]!
        out[at] = Math.max(0, Math.min(255, Math.round(value)))
      }
    }
  return out
}
