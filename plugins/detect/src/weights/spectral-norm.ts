/** Squarings of the Gram matrix: what the second largest singular value adds is below 0.1 % after them. */
const SQUARINGS = 10

/**
 * The largest singular value of a matrix, `rows` x `columns`, row by row. By repeated squaring of the smaller Gram matrix
 * G: λ₁(G) = lim tr(Gⁿ)^(1/n), n = 2^10, which needs no starting vector. Cheap where one side is small, as that of a
 * filter's channel is (h · w).
 */
export function spectralNorm(matrix: ArrayLike<number>, rows: number, columns: number): number {
  const wide = rows <= columns
  const side = wide ? rows : columns
  const at = (i: number, j: number) => matrix[wide ? i * columns + j : j * columns + i]!
  let gram = new Float64Array(side * side)
  for (let i = 0; i < side; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0
      for (let k = 0; k < (wide ? columns : rows); k++) sum += at(i, k) * at(j, k)
      gram[i * side + j] = gram[j * side + i] = sum
    }
  // log λ₁ = Σ log(trace of each stage) / 2^stage: each stage is brought to trace 1 before it is squared.
  let logarithm = 0
  for (let stage = 0; stage <= SQUARINGS; stage++) {
    const trace = traceOf(gram, side)
    if (!(trace > 0)) return 0
    logarithm += Math.log(trace) / 2 ** stage
    gram = squared(
      gram.map((value) => value / trace),
      side,
    )
  }
  return Math.exp(logarithm / 2)
}

function traceOf(matrix: Float64Array, side: number): number {
  let sum = 0
  for (let i = 0; i < side; i++) sum += matrix[i * side + i]!
  return sum
}

/** Of a symmetric matrix. */
function squared(matrix: Float64Array, side: number): Float64Array<ArrayBuffer> {
  const result = new Float64Array(side * side)
  for (let i = 0; i < side; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0
      for (let k = 0; k < side; k++) sum += matrix[i * side + k]! * matrix[j * side + k]!
      result[i * side + j] = result[j * side + i] = sum
    }
  return result
}
