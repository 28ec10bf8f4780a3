import {describe, expect, it} from 'vitest'
import {narrowBfloat16, narrowHalf, widenBfloat16, widenHalf} from '../../../src/modelfile/half.ts'

const every = Uint16Array.from({length: 65_536}, (_, i) => i)
const isNaNBits = (bits: number, exponent: number, fraction: number) =>
  (bits & exponent) === exponent && (bits & fraction) !== 0

describe('half precision', () => {
  it('widens the numbers of IEEE 754', () => {
    // 0x3c00: exponent 15 - 15 = 0, fraction 0: 1. 0xc000: -2. 0x7bff: (2 - 2^-10) * 2^15 = 65504, the largest.
    // 0x0400: 2^-14, the smallest normal one. 0x0001: 2^-24, the smallest of all. 0x3555: (1 + 341/1024) / 4.
    const wide = widenHalf(
      Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x3555, 0x8000, 0x7c00, 0xfc00),
    )

    expect([...wide]).toEqual([1, -2, 65504, 2 ** -14, 2 ** -24, 0.333251953125, -0, Infinity, -Infinity])
    expect(widenHalf(Uint16Array.of(0x7e00))[0]).toBeNaN()
  })

  it('gives every half back when it is widened and narrowed', () => {
    const back = narrowHalf(widenHalf(every))

    for (const bits of every)
      if (isNaNBits(bits, 0x7c00, 0x3ff)) expect(isNaNBits(back[bits]!, 0x7c00, 0x3ff)).toBe(true)
      else expect(back[bits]).toBe(bits)
  })

  it('rounds to the nearest half, ties to even', () => {
    // Between 1 and 1 + 2^-10 lies 1 + 2^-11: a tie, to the even 1. 1 + 3 * 2^-11 lies between 1 + 2^-10 (odd) and
    // 1 + 2^-9 (even). 65520 is half way from 65504 to the 65536 that does not exist. 2^-25 is half way from 0 to 2^-24.
    const narrow = narrowHalf(
      Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520, 2 ** -25, 3 * 2 ** -25),
    )

    expect([...narrow]).toEqual([0x3c00, 0x3c02, 0x7bff, 0x7c00, 0, 2])
  })
})

describe('bfloat16', () => {
  it('is the upper half of a float32', () => {
    // float32 1.5 is 0x3fc00000, -2 is 0xc0000000.
    expect([...widenBfloat16(Uint16Array.of(0x3fc0, 0xc000, 0x7f80))]).toEqual([1.5, -2, Infinity])
  })

  it('gives every value back when it is widened and narrowed', () => {
    const back = narrowBfloat16(widenBfloat16(every))

    for (const bits of every)
      if (isNaNBits(bits, 0x7f80, 0x7f)) expect(isNaNBits(back[bits]!, 0x7f80, 0x7f)).toBe(true)
      else expect(back[bits]).toBe(bits)
  })

  it('rounds to the nearest, ties to even', () => {
    // 1 + 2^-8 is half way from 1 (0x3f80) to 1 + 2^-7 (0x3f81); 1 + 3 * 2^-8 from 0x3f81 to 0x3f82.
    expect([...narrowBfloat16(Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8))]).toEqual([0x3f80, 0x3f82])
  })
})
