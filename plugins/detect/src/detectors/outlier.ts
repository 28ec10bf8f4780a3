import {median} from '../weights/robust-scores.ts'

/**
 * The largest value against the others as a robust z-score: (max − median) / (1.4826 · MAD of the others). Scale and
 * shift of the values do not matter; equal values give 0. Where the others differ by chance alone, `least` says how small their
 * deviation may be taken for, in units of the values.
 */
export function outlier(values: readonly number[], least = 0): {statistic: number; target: number} {
  const target = values.indexOf(Math.max(...values))
  const others = values.filter((_, i) => i !== target)
  const centre = median(others)
  const spread = 1.4826 * median(others.map((value) => Math.abs(value - centre)))
  const above = values[target]! - centre
  return {statistic: above === 0 ? 0 : above / Math.max(spread, least, 1e-9 * Math.abs(above)), target}
}
