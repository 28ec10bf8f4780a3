/**
 * Every value's distance above the median in robust standard deviations: (v − median) / (1.4826 · MAD), the deviation at
 * least a millionth of the largest value, so that equal values score 0 and rounding stands out nowhere.
 */
export function robustScores(values: readonly number[]): number[] {
  const centre = median(values)
  const spread = 1.4826 * median(values.map((value) => Math.abs(value - centre)))
  const least = 1e-6 * Math.max(...values.map(Math.abs))
  return values.map((value) => (value === centre ? 0 : (value - centre) / Math.max(spread, least)))
}

/** Of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
