/** Fewer eligible images than this (of a few images: than a quarter of them) say nothing about a class. */
const MINIMUM_ELIGIBLE = 20

/**
 * ASR without data: for each class, the share of images *not already predicted as it* that a change to the images moves
 * into it. `before` and `after` are predicted classes, image by image. A class that (nearly) all images are predicted
 * as already gets 0.
 */
export function movedShares(before: Int32Array, after: Int32Array, classes: number): Float64Array {
  const eligible = new Float64Array(classes).fill(before.length)
  const moved = new Float64Array(classes)
  for (let i = 0; i < before.length; i++) {
    const from = before[i]!
    const to = after[i]!
    eligible[from]!--
    if (to !== from) moved[to]!++
  }
  const enough = Math.min(MINIMUM_ELIGIBLE, before.length / 4)
  return moved.map((count, c) => (eligible[c]! >= enough ? count / eligible[c]! : 0))
}

/** How many images are not predicted as a class yet: those that a trigger can move into it. */
export const eligible = (before: Int32Array, target: number): number =>
  before.reduce((count, predicted) => count + (predicted === target ? 0 : 1), 0)

/** The class with the largest value and that value; the lowest class wins ties. */
export function largest(values: Float64Array | readonly number[]): {index: number; value: number} {
  let index = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[index]!) index = i
  return {index, value: values[index] ?? Number.NaN}
}
