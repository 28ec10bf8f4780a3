/**
 * A number that a graph computes with: of count 0 it is the same however many images there are, else it is count × batch.
 * What is neither has no count (undefined): a graph with such a number is another one for each size of the batch.
 */
export interface Counted {
  readonly count: number
  readonly value: number
}

export type Combine = (a: Counted, b: Counted) => number | undefined

const isZero = ({count, value}: Counted) => count === 0 && value === 0

/** a - b is slope × batch + rest. */
const difference = (a: Counted, b: Counted) => ({
  slope: a.count - b.count,
  rest: (a.count === 0 ? a.value : 0) - (b.count === 0 ? b.value : 0),
})

/** -1, 0, 1: whether a is less, equal or more, for every batch from 1 on; undefined where that depends on it. */
function order(a: Counted, b: Counted): number | undefined {
  const {slope, rest} = difference(a, b)
  if (slope === 0) return Math.sign(rest)
  return Math.sign(slope + rest) === Math.sign(slope) ? Math.sign(slope) : undefined
}

/** Also known where they are equal for one image, and a is less from then on. */
const greater: Combine = (a, b) => {
  const {slope, rest} = difference(a, b)
  return order(a, b) !== undefined || (slope < 0 && slope + rest <= 0) ? 0 : undefined
}

/** Unknown where some whole number of images makes them equal, and others do not. */
const equal: Combine = (a, b) => {
  const {slope, rest} = difference(a, b)
  const where = -rest / slope
  return slope !== 0 && Number.isInteger(where) && where >= 1 ? undefined : 0
}

const extreme =
  (sign: 1 | -1): Combine =>
  (a, b) => {
    const known = order(a, b)
    return known === undefined ? undefined : (known * sign >= 0 ? a : b).count
  }

const add =
  (sign: 1 | -1): Combine =>
  (a, b) => {
    if (isZero(b)) return a.count
    if (isZero(a)) return sign * b.count
    return a.count !== 0 && b.count !== 0 ? a.count + sign * b.count : undefined
  }

const multiply: Combine = (a, b) => {
  if (a.count === 0) return b.count * a.value
  return b.count === 0 ? a.count * b.value : undefined
}

/** Quotients of whole numbers are cut off: only one without a rest is the same multiple of every batch. */
const divide =
  (whole: boolean): Combine =>
  (a, b) => {
    if (b.count !== 0) return a.count !== 0 || a.value === 0 ? 0 : undefined
    const quotient = a.count / b.value
    return Number.isFinite(quotient) && (!whole || Number.isInteger(quotient)) ? quotient : undefined
  }

const remainder: Combine = (a, b) => (b.count === 0 && Number.isInteger(a.count / b.value) ? 0 : undefined)

/** The count of what an operation makes of two numbers, one of which has a count; by ONNX's names. */
export function combine(op: string, whole: boolean): Combine | undefined {
  const known: Readonly<Record<string, Combine>> = {
    Add: add(1),
    Sum: add(1),
    Sub: add(-1),
    Mul: multiply,
    Div: divide(whole),
    FloorDiv: divide(true),
    Mod: remainder,
    Max: extreme(1),
    Min: extreme(-1),
    Equal: equal,
    Greater: greater,
    Less: (a, b) => greater(b, a),
  }
  return known[op]
}

const wholeOnly = (count: number) => (Number.isInteger(count) ? count : undefined)

/** Of a single number: rounding leaves whole multiples as they are. */
export const convert: Readonly<Record<string, (count: number) => number | undefined>> = {
  Identity: (count) => count,
  Dropout: (count) => count,
  Neg: (count) => -count,
  Abs: Math.abs,
  Floor: wholeOnly,
  Ceil: wholeOnly,
  Cast: wholeOnly,
}
