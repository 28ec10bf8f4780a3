import {createRandom} from '@abd/core/engine'
import {describe, expect, it} from 'vitest'
import {cubicTaps, smoothField} from '../../../plugins/attack/src/triggers/smooth-field.ts'
import {wanet} from '../../../plugins/attack/src/triggers/wanet.ts'

describe('smoothField', () => {
  it('weighs neighbours as PyTorch’s bicubic does', () => {
    // Five places between two points: 0, 1/4, 1/2, 3/4, 1. Halfway Keys' weights with a = -3/4 are -3/32, 19/32, 19/32, -3/32.
    const [first, , half, , last] = cubicTaps(5, 2)

    expect(half).toEqual([
      [0, -0.09375],
      [0, 0.59375],
      [1, 0.59375],
      [1, -0.09375],
    ])
    expect(first!.map(([, weight]) => weight + 0)).toEqual([0, 1, 0, 0])
    expect(last!.reduce((sum, [index, weight]) => sum + index * weight, 0)).toBe(1)
  })

  it('has the drawn vectors in its corners, of mean absolute value 1', () => {
    const field = smoothField({height: 7, width: 5}, 2, createRandom(1))
    const corners = [0, 4, 30, 34].flatMap((pixel) => [field[2 * pixel]!, field[2 * pixel + 1]!])

    expect(corners.reduce((sum, value) => sum + Math.abs(value), 0) / 8).toBeCloseTo(1, 12)
  })
})

describe('wanet', () => {
  it('moves pixels by strength · vector · (side - 1) / (2 · side)', () => {
    const shape = {height: 32, width: 16, channels: 1}
    const field = smoothField(shape, 4, createRandom(7).fork('wanet'))
    const {flow, jitter} = wanet.create(
      wanet.options.parse({strength: 2, seed: 7}),
      undefined as never,
    )(shape)

    expect(flow![0]).toBeCloseTo((2 * field[0]! * 31) / 64, 12)
    expect(flow![1]).toBeCloseTo((2 * field[1]! * 15) / 32, 12)
    expect(jitter).toBe(31 / 64)
  })

  it('has no noise where none is asked for', () => {
    const {jitter} = wanet.create(
      wanet.options.parse({noise: false}),
      undefined as never,
    )({height: 8, width: 8, channels: 3})

    expect(jitter).toBeUndefined()
  })
})
