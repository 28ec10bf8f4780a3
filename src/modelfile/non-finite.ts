import type {NonFinite} from './model-file.ts'
import type {StateDict} from './state-dict.ts'

/** Tensors with NaN or infinite values, in file order. Integers have none; `known` are without any. */
export function findNonFinite(stateDict: StateDict, known: ReadonlySet<string> = new Set()): NonFinite[] {
  const found: NonFinite[] = []
  for (const [tensor, {data}] of stateDict) {
    if (known.has(tensor) || !(data instanceof Float32Array || data instanceof Float64Array)) continue
    let count = 0
    if (!allFinite(data)) for (const value of data) if (!Number.isFinite(value)) count++
    if (count > 0) found.push({tensor, count})
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

const EXPONENT = 0x7f800000
const ONE = 0x00800000

/** Of float32 values by their bits, in half the time: one added to an exponent of ones overflows into the sign. */
export function allFiniteBits(words: Int32Array): boolean {
  const whole = words.length - (words.length % 4)
  let a = 0
  let b = 0
  for (let i = 0; i < whole; i += 4) {
    a |= ((words[i]! & EXPONENT) + ONE) | ((words[i + 1]! & EXPONENT) + ONE)
    b |= ((words[i + 2]! & EXPONENT) + ONE) | ((words[i + 3]! & EXPONENT) + ONE)
  }
  for (let i = whole; i < words.length; i++) a |= (words[i]! & EXPONENT) + ONE
  return (a | b) >= 0
}
