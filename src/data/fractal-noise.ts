import type {Random} from '../engine/random.ts'

/**
 * A field of 1/f noise that repeats every `side` (a power of two) in both directions: lattices of random values, each
 * twice as fine and half as strong as the last, smoothly interpolated. Mean 0, mostly within -1 … 1.
 */
export function fractalNoise(side: number, random: Random): (x: number, y: number) => number {
  const values = new Float32Array(side * side)
  let power = 0
  for (let cells = 4; cells <= side; cells *= 2) {
    const strength = 4 / cells
    power += strength ** 2
    addLattice(values, side, random.fork(cells).normals(cells * cells, 0, strength), cells)
  }
  // Two standard deviations are 1.
  const scale = 0.5 / Math.sqrt(power)
  for (let i = 0; i < values.length; i++) values[i]! *= scale
  const wrap = (at: number) => ((Math.floor(at) % side) + side) % side
  return (x, y) => {
    const [x0, y0] = [wrap(x), wrap(y)]
    const [x1, y1] = [(x0 + 1) % side, (y0 + 1) % side]
    const [ex, ey] = [x - Math.floor(x), y - Math.floor(y)]
    const line = (row: number) => values[row * side + x0]! * (1 - ex) + values[row * side + x1]! * ex
    return line(y0) * (1 - ey) + line(y1) * ey
  }
}

function addLattice(values: Float32Array, side: number, lattice: Float32Array, cells: number): void {
  const step = side / cells
  const ease = (t: number) => t * t * (3 - 2 * t)
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const [row, column] = [Math.floor(y / step), Math.floor(x / step)]
      const [ey, ex] = [ease(y / step - row), ease(x / step - column)]
      const at = (r: number, c: number) => lattice[(r % cells) * cells + (c % cells)]!
      values[y * side + x]! +=
        (at(row, column) * (1 - ex) + at(row, column + 1) * ex) * (1 - ey) +
        (at(row + 1, column) * (1 - ex) + at(row + 1, column + 1) * ex) * ey
    }
}
