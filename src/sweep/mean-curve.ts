/** A point of a curve: where it was measured, and what. */
type Point = {readonly at: number} & Readonly<Record<string, number>>

/** The mean of a value over several curves, at the steps that all of them were measured at. */
export function meanCurve(
  curves: readonly (readonly Point[])[],
  value: string,
): readonly (readonly [step: number, mean: number])[] {
  const [first, ...others] = curves.map(
    (curve) =>
      new Map(curve.flatMap((point) => (point[value] === undefined ? [] : [[point.at, point[value]]]))),
  )
  return [...(first ?? [])]
    .filter(([step]) => others.every((curve) => curve.has(step)))
    .map(([step, own]) => [step, others.reduce((sum, curve) => sum + curve.get(step)!, own) / curves.length])
}
