export interface Scored<T> {
  readonly at: T
  readonly score: number
}

/**
 * Climbs a hill in rounds: of what `propose` finds near the best so far, the one with the largest score takes its place if its score
 * is larger. Neighbours of one round are scored together.
 */
export async function climb<T>(
  start: Scored<T>,
  {
    rounds,
    propose,
    score,
  }: {
    rounds: number
    propose: (from: T, round: number) => readonly T[]
    score: (candidates: readonly T[]) => Promise<ArrayLike<number>>
  },
): Promise<Scored<T>> {
  let best = start
  for (let round = 0; round < rounds; round++) {
    const candidates = propose(best.at, round)
    const scores = await score(candidates)
    for (const [i, at] of candidates.entries()) if (scores[i]! > best.score) best = {at, score: scores[i]!}
  }
  return best
}
