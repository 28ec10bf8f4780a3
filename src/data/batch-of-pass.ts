import type {Random} from '../engine/random.ts'

/**
 * The indices of a step's batch where a set is gone through again and again, each pass in an order of its own: a function
 * of the seed and the step alone. A pass has `perPass` batches of `size`; its last may be smaller.
 */
export function batchOfPass(
  step: number,
  {count, size, perPass}: {readonly count: number; readonly size: number; readonly perPass: number},
  random: Random,
): Int32Array {
  const order = random.fork(Math.floor(step / perPass)).permutation(count)
  const start = (step % perPass) * size
  return order.subarray(start, start + size)
}
