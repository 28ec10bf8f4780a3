import {randomControl} from '../../../src/audit/random-control.ts'
import type {Trigger} from '../../../src/data/trigger.ts'
import {createRandom} from '../../../src/engine/create-random.ts'
import {describe, expect, it} from 'vitest'

const blank = (): Trigger => ({
  name: 't',
  height: 16,
  width: 16,
  channels: 3,
  keep: new Float32Array(16 * 16 * 3).fill(1),
  add: new Float32Array(16 * 16 * 3),
  rescale: false,
  labels: 'dirty',
})

describe('randomControl', () => {
  it('covers as many pixels as a patch, inside the image, elsewhere', () => {
    const patch = blank()
    for (const row of [13, 14, 15])
      for (const column of [13, 14, 15])
        for (let k = 0; k < 3; k++) patch.keep[(row * 16 + column) * 3 + k] = 0

    const places = new Set<number>()
    for (let n = 0; n < 50; n++) {
      const control = randomControl(patch, createRandom(n))
      const covered = [...control.keep].flatMap((value, i) => (value === 0 ? [i] : []))
      expect(covered).toHaveLength(27)
      expect(
        control.add.every((value, i) => (control.keep[i] === 0 ? value >= 0 && value <= 255 : value === 0)),
      ).toBe(true)
      places.add(covered[0]!)
    }
    // 14 x 14 places are possible; 50 draws that all fell on one or two would not be uniform.
    expect(places.size).toBeGreaterThan(20)
  })

  it('keeps the values of an additive patch', () => {
    const patch = blank()
    ;[10, 20, 30].forEach((value, k) => (patch.add[k] = value))

    const control = randomControl(patch, createRandom(3))

    expect([...control.add].filter((value) => value !== 0).sort((a, b) => a - b)).toEqual([10, 20, 30])
  })

  it('keeps the norm of a pattern over the whole image', () => {
    const pattern = blank()
    pattern.add.forEach((_, i) => (pattern.add[i] = (i * 7) % 41))

    const control = randomControl(pattern, createRandom(5))

    const sum = (values: ArrayLike<number>) =>
      Array.from(values).reduce((total, value) => total + value * value, 0)
    expect(sum(control.add)).toBe(sum(pattern.add))
    expect([...control.add]).not.toEqual([...pattern.add])
  })

  it('moves a flow round the edges, the same norm', () => {
    const flow = Float64Array.from({length: 512}, (_, i) => ((i * 7) % 41) / 41)
    const control = randomControl({...blank(), flow}, createRandom(5))
    const norm = (values: Float64Array) => values.reduce((total, value) => total + value * value, 0)

    expect(norm(control.flow!)).toBeCloseTo(norm(flow), 9)
    expect(control.flow).not.toEqual(flow)
  })
})
