/** Scores of poisoned and of clean models, larger for more suspicious. */
export interface Scores {
  readonly poisoned: readonly number[]
  readonly clean: readonly number[]
}

/** Shares, 0 to 1. */
export interface RocPoint {
  readonly falsePositives: number
  readonly truePositives: number
}

/** From (0, 0) to (1, 1): a point for every threshold at which the shares change. */
export function rocPoints({poisoned, clean}: Scores): readonly RocPoint[] {
  const thresholds = [...new Set([...poisoned, ...clean])].sort((a, b) => b - a)
  const share = (of: readonly number[], threshold: number) =>
    of.filter((score) => score >= threshold).length / of.length
  return [
    {falsePositives: 0, truePositives: 0},
    ...thresholds.map((threshold) => ({
      falsePositives: share(clean, threshold),
      truePositives: share(poisoned, threshold),
    })),
  ]
}

/** The probability that a poisoned model scores above a clean one, ties counting half. NaN where one kind is missing. */
export function auroc({poisoned, clean}: Scores): number {
  let above = 0
  for (const bad of poisoned) for (const good of clean) above += bad > good ? 1 : bad === good ? 0.5 : 0
  return above / (poisoned.length * clean.length)
}

/** Poisoned models found at the threshold that no more than `level` of the clean ones reach: how many. */
export function foundAt(scores: Scores, level: number): number {
  const best = rocPoints(scores).filter(({falsePositives}) => falsePositives <= level)
  return Math.round(Math.max(...best.map(({truePositives}) => truePositives)) * scores.poisoned.length)
}
