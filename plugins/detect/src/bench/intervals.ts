export type Interval = readonly [low: number, high: number]

/** Of the normal distribution: 95 % within. */
const Z = 1.959964

/**
 * 95 % interval of an area under the ROC curve over m poisoned and n clean models: Newcombe's method 5 (Statistics in
 * Medicine 25, 2006, 559–573), the areas whose own standard error reaches the observed one. Unlike a bootstrap it does not
 * shrink to a point where all models are told apart.
 */
export function aurocInterval(area: number, m: number, n: number): Interval {
  const half = (m + n) / 2 - 1
  const distance = (theta: number) => {
    const variance =
      (theta * (1 - theta) * (1 + (half * (1 - theta)) / (2 - theta) + (half * theta) / (1 + theta))) /
      (m * n)
    return Math.abs(area - theta) - Z * Math.sqrt(variance)
  }
  // Negative within the interval: beside the observed area, where there is room on that side.
  const low = area === 0 ? 0 : bisect((theta) => distance(theta) > 0, 0, area)
  const high = area === 1 ? 1 : bisect((theta) => distance(theta) <= 0, area, 1)
  return [low, high]
}

/** 95 % interval of Clopper and Pearson (Biometrika 26, 1934, 404–413) for k of n: exact, never too short. */
export function binomialInterval(k: number, n: number): Interval {
  const tail = 0.025
  const low = k === 0 ? 0 : bisect((p) => 1 - atMost(k - 1, n, p) < tail, 0, 1)
  const high = k === n ? 1 : bisect((p) => atMost(k, n, p) > tail, 0, 1)
  return [low, high]
}

/** The probability of k or fewer of n. */
function atMost(k: number, n: number, p: number): number {
  if (p === 0) return 1
  if (p === 1) return k >= n ? 1 : 0
  let logTerm = n * Math.log1p(-p)
  let sum = Math.exp(logTerm)
  for (let i = 1; i <= k; i++) {
    logTerm += Math.log((n - i + 1) / i) + Math.log(p) - Math.log1p(-p)
    sum += Math.exp(logTerm)
  }
  return Math.min(1, sum)
}

/** Where `before`, true from `low` on, turns false. */
function bisect(before: (x: number) => boolean, low: number, high: number): number {
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (before(middle)) low = middle
    else high = middle
  }
  return (low + high) / 2
}
