/** Over seeds. The deviation is that of a sample, null where there is one value. */
export interface Statistic {
  readonly mean: number
  readonly deviation: number | null
}

/** Of at least one value. */
export function statistic(values: readonly number[]): Statistic {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return {mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null}
}

/** 95 % interval of a mean, by Student's t (Biometrika 6, 1908); null where there is one value. */
export function meanInterval(values: readonly number[]): readonly [low: number, high: number] | null {
  const {mean, deviation} = statistic(values)
  if (deviation === null) return null
  const half = (studentT(values.length - 1) * deviation) / Math.sqrt(values.length)
  return [mean - half, mean + half]
}

/** Within plus and minus this lie 95 % of Student's distribution. */
export function studentT(freedom: number): number {
  let [low, high] = [0, 13]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (within(middle, freedom) < 0.95) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** The share within plus and minus t: Abramowitz and Stegun, 26.7.3 and 26.7.4. */
function within(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom))
  const square = Math.cos(angle) ** 2
  const isOdd = freedom % 2 === 1
  let term = isOdd ? Math.cos(angle) : 1
  let sum = freedom === 1 ? 0 : term
  for (let k = isOdd ? 3 : 2; k <= freedom - 2; k += 2) {
    term *= ((k - 1) / k) * square
    sum += term
  }
  return isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum
}
