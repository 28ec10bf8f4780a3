const ITERATIONS = 100

export interface TwoClusters {
  /** For each point, whether it is in the smaller cluster. */
  readonly smaller: readonly boolean[]
  /** How well the two are apart: the mean silhouette (Rousseeuw, 1987), -1 to 1; 0 where there are no two. */
  readonly silhouette: number
}

/** Two clusters of points by k-means, begun with the two points that are the lowest and the highest along the first coordinate. */
export function twoClusters(points: readonly (readonly number[])[]): TwoClusters {
  const first = points.map(([x]) => x!)
  let centres = [points[first.indexOf(Math.min(...first))]!, points[first.indexOf(Math.max(...first))]!]
  let own: number[] = []
  for (let i = 0; i < ITERATIONS; i++) {
    const next = points.map((point) => (distance(point, centres[1]!) < distance(point, centres[0]!) ? 1 : 0))
    if (next.every((cluster, n) => cluster === own[n])) break
    own = next
    centres = centres.map((centre, cluster) => {
      const members = points.filter((_, n) => own[n] === cluster)
      return members.length === 0
        ? centre
        : centre.map((_, d) => members.reduce((sum, point) => sum + point[d]!, 0) / members.length)
    })
  }
  const ones = own.filter((cluster) => cluster === 1).length
  const lesser = 2 * ones <= own.length ? 1 : 0
  return {
    smaller: own.map((cluster) => cluster === lesser),
    silhouette: ones === 0 || ones === own.length ? 0 : silhouetteOf(points, own),
  }
}

/** Of each point: (b − a) / max(a, b), a its mean distance from the others of its cluster, b from the other cluster; alone: 0. */
function silhouetteOf(points: readonly (readonly number[])[], own: readonly number[]): number {
  const values = points.map((point, n) => {
    const [sums, counts] = [
      [0, 0],
      [0, 0],
    ]
    for (const [m, other] of points.entries())
      if (m !== n) {
        sums[own[m]!]! += distance(point, other)
        counts[own[m]!]!++
      }
    const mine = own[n]!
    if (counts[mine] === 0) return 0
    const [a, b] = [sums[mine]! / counts[mine]!, sums[1 - mine]! / counts[1 - mine]!]
    return a === b ? 0 : (b - a) / Math.max(a, b)
  })
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

const distance = (a: readonly number[], b: readonly number[]) =>
  Math.sqrt(a.reduce((sum, value, d) => sum + (value - b[d]!) ** 2, 0))
