/**
 * Where a tensor has its images: the axis holds outer × batch × inner entries, the batch in the middle of them. Of
 * [B · 12, 65, 64], heads after images, it is axis 0 with 1 and 12.
 */
export interface Place {
  readonly axis: number
  readonly outer: number
  readonly inner: number
}

export const FIRST: Place = {axis: 0, outer: 1, inner: 1}

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1)

/** How many entries of its axis belong to an image. */
export const perImage = ({outer, inner}: Place): number => outer * inner

export const samePlace = (a: Place, b: Place): boolean =>
  a.axis === b.axis && a.outer === b.outer && a.inner === b.inner

/**
 * Where the images are once the same numbers, in the same order, have other axes; undefined where no axis has all of the
 * batch. `batch` is 2 or more: with one image there would be several such axes.
 */
export function placeIn(
  {axis, outer, inner}: Place,
  from: readonly number[],
  to: readonly number[],
  batch: number,
): Place | undefined {
  const before = product(from.slice(0, axis)) * outer
  const after = product(from.slice(axis + 1)) * inner
  for (const [i, size] of to.entries()) {
    const within = {
      axis: i,
      outer: before / product(to.slice(0, i)),
      inner: after / product(to.slice(i + 1)),
    }
    const whole = Number.isInteger(within.outer) && Number.isInteger(within.inner)
    if (whole && size === within.outer * batch * within.inner) return within
  }
  return undefined
}
