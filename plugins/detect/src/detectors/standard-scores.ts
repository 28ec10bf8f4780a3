/** (v − mean) / standard deviation of all of them, as a population; 0 for all where they are equal. */
export function standardScores(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return values.map((value) => (variance === 0 ? 0 : (value - mean) / Math.sqrt(variance)))
}

/** The largest value, and the first place that it stands at. */
export function largestOf(values: readonly number[]): {value: number; at: number} {
  const value = Math.max(...values)
  return {value, at: values.indexOf(value)}
}
