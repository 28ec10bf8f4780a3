import type {Random} from '@abd/core/engine'

/** How far from the point it looks, in units of a coordinate; how far it goes in a round; how much of its course it keeps. */
const SPREAD = 0.3
const STRIDE = 0.35
const COURSE = 0.7

/**
 * Climbs a hill whose slope nobody tells (evolution strategies with antithetic pairs, Salimans et al., 2017): in each round the
 * score is taken on both sides of the point in `pairs` random directions ε, and the point moves along
 *   Σ ε · (score(x + σε) − score(x − σε)), divided by the root of the sum of squared differences,
 * averaged over rounds, of which later ones count more. `scores` are asked for in the order +, −, +, −.
 */
export async function ascend(
  start: Float64Array,
  {
    rounds,
    pairs,
    random,
    scores,
  }: {
    /** Names of the rounds, in order: each has directions of its own. */
    rounds: readonly number[]
    pairs: number
    random: Random
    scores: (candidates: readonly Float64Array[]) => Promise<readonly number[]>
  },
): Promise<Float64Array> {
  let at = start
  let course = new Float64Array(start.length)
  for (const round of rounds) {
    const directions = Array.from({length: pairs}, (_, n) =>
      random.fork(round).fork(n).normals(start.length, 0, 1),
    )
    const tried = await scores(
      directions.flatMap((direction) =>
        [SPREAD, -SPREAD].map((size) => at.map((value, d) => value + size * direction[d]!)),
      ),
    )
    const differences = directions.map((_, n) => tried[2 * n]! - tried[2 * n + 1]!)
    const norm = Math.sqrt(differences.reduce((sum, value) => sum + value * value, 0)) || 1
    course = course.map((value, d) => {
      const slope = directions.reduce(
        (sum, direction, n) => sum + (differences[n]! / norm) * direction[d]!,
        0,
      )
      return COURSE * value + (1 - COURSE) * slope
    })
    at = at.map((value, d) => value + STRIDE * course[d]!)
  }
  return at
}
