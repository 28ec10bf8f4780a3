import type {Images, Trigger} from '@abd/core/data'
import {stamp} from '@abd/core/data'
import {triggers} from '../../../plugins/attack/src/triggers/index.ts'
import {describe, expect, it} from 'vitest'

const shape = {height: 32, width: 32, channels: 3}

/** v[r, c, k] = (7 r + 5 c + 11 k) mod 256, as the golden values of the reference were computed on. */
const ramp: Images = {
  count: 1,
  ...shape,
  data: Uint8Array.from(
    {length: 3072},
    (_, i) => (7 * Math.floor(i / 96) + 5 * (Math.floor(i / 3) % 32) + 11 * (i % 3)) % 256,
  ),
}

const make = (name: string): Trigger => {
  const method = triggers.find((known) => known.name === name)!
  return method.create(method.options.parse({}) as never, undefined as never)(shape)
}
const sum = (bytes: Uint8Array) => bytes.reduce((total, byte) => total + byte, 0)

describe('published triggers', () => {
  it('start from the ramp of the golden values', () => {
    expect(sum(ramp.data)).toBe(408_832)
  })

  it.each([
    ['badnet_grid', 408_787],
    ['badnet_sq', 416_416],
    ['sig', 404_463],
    ['l0_inv', 410_023],
    ['l2_inv', 435_435],
    ['trojan_3x3', 411_989],
    ['trojan_8x8', 430_245],
    ['trojan_wm', 429_525],
  ])('%s gives the bytes of the reference', (name, bytes) => {
    expect(sum(stamp(ramp, make(name)).data)).toBe(bytes)
  })
})
