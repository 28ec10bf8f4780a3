import type {Tensor} from '@tensorflow/tfjs-core'
import {insist} from '../contract.ts'

/** Reads a tensor and throws where a number is further from what is expected than `tolerance`, relative from 1 on. */
export async function insistClose(
  what: string,
  tensor: Tensor,
  expected: ArrayLike<number>,
  tolerance = 1e-4,
): Promise<void> {
  const values = await tensor.data()
  insist(values.length === expected.length, `${what}: ${values.length} numbers, not ${expected.length}.`)
  for (let i = 0; i < values.length; i++) {
    const [is, wanted] = [values[i]!, expected[i]!]
    const close = Math.abs(is - wanted) <= tolerance * Math.max(1, Math.abs(wanted))
    insist(close, `${what}: number ${i} is ${is}, not ${wanted}.`)
  }
}

/** Central differences in double precision: the gradient of `f` by its argument. */
export function slopes(f: (x: readonly number[]) => number, at: readonly number[], step = 1e-4): number[] {
  return at
    .map((value, i) => f(at.with(i, value + step)) - f(at.with(i, value - step)))
    .map((d) => d / (2 * step))
}

/** Σ aᵢ·bᵢ */
export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
