/** IEEE 754 binary16 (1 sign, 5 exponent, 10 fraction bits) to float32, exactly. */
export function widenHalf(halves: Uint16Array): Float32Array {
  const out = new Float32Array(halves.length)
  const bits = new Uint32Array(out.buffer)
  for (let i = 0; i < halves.length; i++) {
    const h = halves[i]!
    const sign = (h & 0x8000) << 16
    const exponent = (h >>> 10) & 0x1f
    const fraction = h & 0x3ff
    if (exponent === 0) {
      out[i] = fraction * 2 ** -24 // subnormal, or zero
      bits[i]! |= sign
    } else bits[i] = sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13)
  }
  return out
}

/** bfloat16 is the upper half of a float32. */
export function widenBfloat16(values: Uint16Array): Float32Array {
  const bits = new Uint32Array(values.length)
  for (let i = 0; i < values.length; i++) bits[i] = values[i]! << 16
  return new Float32Array(bits.buffer)
}

/** float32 to binary16, to the nearest, ties to even; what is too large becomes infinite. */
export function narrowHalf(values: Float32Array): Uint16Array {
  const bits = bitsOf(values)
  const out = new Uint16Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const b = bits[i]!
    const sign = (b >>> 16) & 0x8000
    const magnitude = b & 0x7fffffff
    if (magnitude >= 0x7f800000)
      out[i] = sign | (magnitude === 0x7f800000 ? 0x7c00 : 0x7e00 | ((b >>> 13) & 0x3ff))
    else if (magnitude < 0x38800000) out[i] = sign | roundEven(Math.abs(values[i]!) * 2 ** 24)
    else out[i] = sign | Math.min(0x7c00, roundShift(magnitude - 0x38000000, 13))
  }
  return out
}

/** float32 to bfloat16, to the nearest, ties to even. */
export function narrowBfloat16(values: Float32Array): Uint16Array {
  const bits = bitsOf(values)
  return Uint16Array.from(bits, (b) =>
    (b & 0x7fffffff) > 0x7f800000
      ? (b >>> 16) | 0x40
      : ((b >>> 16) & 0x8000) | roundShift(b & 0x7fffffff, 16),
  )
}

const bitsOf = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length)

/** n / 2^shift to the nearest integer, ties to even. */
function roundShift(n: number, shift: number): number {
  const half = 2 ** (shift - 1)
  const odd = (n >>> shift) & 1
  return (n + half - 1 + odd) >>> shift
}

function roundEven(x: number): number {
  const down = Math.floor(x)
  const rest = x - down
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down
}
