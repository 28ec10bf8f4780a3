import {quantile} from '@abd/core/math'

/**
 * FreeEagle's statistic (Fu et al., USENIX Security 2023, section 4): row c of a square matrix says how inputs made for class
 * c share what they do not give to c among the other classes (its diagonal does not count). A class's tendency is the mean
 * of its column; the statistic (max − Q3) / IQR of the tendencies, quartiles by linear interpolation. Equal tendencies
 * give 0.
 */
export function tendency(shares: readonly (readonly number[])[]): {
  readonly statistic: number
  readonly target: number
  readonly perClass: readonly number[]
} {
  const {length} = shares
  const perClass = shares.map(
    (_, j) => shares.reduce((sum, row, c) => sum + (c === j ? 0 : row[j]!), 0) / Math.max(1, length - 1),
  )
  const sorted = [...perClass].sort((a, b) => a - b)
  const largest = sorted.at(-1)!
  const [lower, upper] = [quantile(sorted, 0.25), quantile(sorted, 0.75)]
  const above = largest - upper
  const range = upper - lower
  return {
    statistic: above === 0 ? 0 : above / Math.max(range, 1e-9 * largest),
    target: perClass.indexOf(largest),
    perClass,
  }
}
