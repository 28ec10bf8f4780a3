/** Power iterations, each with the axes before taken out. */
const ITERATIONS = 60

/**
 * Each row's coordinates along the first `count` principal axes of the rows: [rows][count]. By power iteration on the covariance,
 * begun with the row farthest from the mean; rows that are all the same have coordinates 0.
 */
export function principalComponents(rows: readonly (readonly number[])[], count: number): number[][] {
  const width = rows[0]?.length ?? 0
  const mean = Array.from(
    {length: width},
    (_, d) => rows.reduce((sum, row) => sum + row[d]!, 0) / rows.length,
  )
  const centred = rows.map((row) => row.map((value, d) => value - mean[d]!))
  const axes: number[][] = []
  for (let n = 0; n < count; n++) {
    const without = (v: readonly number[]) =>
      axes.reduce<number[]>(
        (rest, axis) => {
          const along = dot(rest, axis)
          return rest.map((value, d) => value - along * axis[d]!)
        },
        [...v],
      )
    const left = centred.map(without)
    const lengths = left.map((row) => dot(row, row))
    let axis = unit(left[lengths.indexOf(Math.max(...lengths))] ?? [])
    for (let i = 0; i < ITERATIONS; i++) {
      const next = new Array<number>(width).fill(0)
      for (const row of left) {
        const along = dot(row, axis)
        for (let d = 0; d < width; d++) next[d]! += along * row[d]!
      }
      axis = unit(without(next))
    }
    axes.push(axis)
  }
  return centred.map((row) => axes.map((axis) => dot(row, axis)))
}

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, d) => sum + value * b[d]!, 0)

/** Nothing has no direction: what is shorter than rounding leaves stays 0. */
function unit(v: readonly number[]): number[] {
  const length = Math.sqrt(dot(v, v))
  return v.map((value) => (length > 1e-12 ? value / length : 0))
}
