import type {Random} from '../engine/random.ts'

/**
 * Indices 0 … count-1 in runs of `size`, in order or, with `random`, shuffled. The last run is shorter, or left out
 * with `dropLast`.
 */
export function* batches(
  count: number,
  size: number,
  {random, dropLast = false}: {random?: Random; dropLast?: boolean} = {},
): Generator<Int32Array> {
  const order = random ? random.permutation(count) : Int32Array.from({length: count}, (_, i) => i)
  for (let start = 0; start < count; start += size) {
    if (dropLast && start + size > count) return
    yield order.subarray(start, Math.min(start + size, count))
  }
}
