import type {Condition, Plan, Value} from './plan-schema.ts'

/** A value of each parameter, the seed among them. */
export type Point = Readonly<Record<string, Value>>

/** As it stands in names and tables. */
export const labelOf = (value: Value): string => (typeof value === 'object' ? value.label : String(value))

/** Does a point have one of the values asked for, of every parameter asked for? */
export const isMet = (condition: Condition, point: Point): boolean =>
  Object.entries(condition).every(([name, wanted]) => {
    const value = point[name]
    return value !== undefined && [wanted].flat().some((one) => String(one) === labelOf(value))
  })

/** Points before any is excluded. */
export const countPoints = ({grid, list, seeds}: Plan): number =>
  (seeds?.length ?? 1) *
  (list.length +
    (Object.keys(grid).length > 0 || list.length === 0
      ? Object.values(grid).reduce((product, values) => product * values.length, 1)
      : 0))

/**
 * The points of the grid and of the list, without those excluded, each once. Seed by seed, so that an unfinished sweep is
 * a whole one with fewer seeds.
 */
export function pointsOf({grid, list, exclude, seeds}: Plan): readonly Point[] {
  const names = Object.keys(grid)
  const product = names.reduce<Point[]>(
    (points, name) => points.flatMap((point) => grid[name]!.map((value) => ({...point, [name]: value}))),
    names.length > 0 || list.length === 0 ? [{}] : [],
  )
  const seeded = (seeds ?? [undefined]).flatMap((seed) =>
    [...product, ...list].map((point): Point => (seed === undefined ? point : {...point, seed})),
  )
  const seen = new Set<string>()
  return seeded.filter((point) => {
    if (exclude.some((condition) => isMet(condition, point))) return false
    const key = JSON.stringify(Object.entries(point).sort(([a], [b]) => (a < b ? -1 : 1)))
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
