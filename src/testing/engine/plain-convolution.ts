/** A convolution by its definition, in double precision: what the engines' are held against. */
export interface Convolution {
  readonly batch: number
  readonly height: number
  readonly width: number
  readonly inputs: number
  readonly outputs: number
  readonly kernel: number
  readonly stride: number
  readonly padding: number
}

export const shapesOf = (c: Convolution) => {
  const out = (size: number) => Math.floor((size + 2 * c.padding - c.kernel) / c.stride) + 1
  return {
    x: [c.batch, c.height, c.width, c.inputs],
    filter: [c.kernel, c.kernel, c.inputs, c.outputs],
    y: [c.batch, out(c.height), out(c.width), c.outputs],
  } as const
}

/** Calls back for every product x[i]·filter[j] that is part of y[k]. */
function products(c: Convolution, each: (i: number, j: number, k: number) => void): void {
  const [, rows, columns] = shapesOf(c).y
  for (let b = 0; b < c.batch; b++)
    for (let u = 0; u < rows; u++)
      for (let v = 0; v < columns; v++)
        for (let p = 0; p < c.kernel; p++)
          for (let q = 0; q < c.kernel; q++) {
            const row = u * c.stride + p - c.padding
            const column = v * c.stride + q - c.padding
            if (row < 0 || row >= c.height || column < 0 || column >= c.width) continue
            for (let s = 0; s < c.inputs; s++)
              for (let d = 0; d < c.outputs; d++)
                each(
                  ((b * c.height + row) * c.width + column) * c.inputs + s,
                  ((p * c.kernel + q) * c.inputs + s) * c.outputs + d,
                  ((b * rows + u) * columns + v) * c.outputs + d,
                )
          }
}

const zeros = (shape: readonly number[]) => new Float64Array(shape.reduce((size, side) => size * side, 1))

export function convolve(c: Convolution, x: ArrayLike<number>, filter: ArrayLike<number>): Float64Array {
  const y = zeros(shapesOf(c).y)
  products(c, (i, j, k) => (y[k]! += x[i]! * filter[j]!))
  return y
}

export function inputGradient(
  c: Convolution,
  dy: ArrayLike<number>,
  filter: ArrayLike<number>,
): Float64Array {
  const dx = zeros(shapesOf(c).x)
  products(c, (i, j, k) => (dx[i]! += dy[k]! * filter[j]!))
  return dx
}

export function filterGradient(c: Convolution, x: ArrayLike<number>, dy: ArrayLike<number>): Float64Array {
  const dFilter = zeros(shapesOf(c).filter)
  products(c, (i, j, k) => (dFilter[j]! += x[i]! * dy[k]!))
  return dFilter
}
