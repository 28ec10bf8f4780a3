import type {NonFinite} from './model-file.ts'
import type {StateDict} from './state-dict.ts'

/** Tensors with NaN or infinite values, in file order. Integers have none. */
export function findNonFinite(stateDict: StateDict): NonFinite[] {
  const found: NonFinite[] = []
  for (const [tensor, {data}] of stateDict)
    if ((data instanceof Float32Array || data instanceof Float64Array) && !allFinite(data)) {
      let count = 0
      for (const value of data) if (!Number.isFinite(value)) count++
      found.push({tensor, count})
    }
  return found
}

/** x * 0 is NaN for what is not finite, and a sum keeps it; four sums, because one would wait for itself. */
function allFinite(data: Float32Array | Float64Array): boolean {
  const whole = data.length - (data.length % 4)
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  for (let i = 0; i < whole; i += 4) {
    a += data[i]! * 0
    b += data[i + 1]! * 0
    c += data[i + 2]! * 0
    d += data[i + 3]! * 0
  }
  for (let i = whole; i < data.length; i++) a += data[i]! * 0
  return !Number.isNaN(a + b + c + d)
}
