import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {scalingTaps} from '../../../src/data/resample.ts'
import {resizeImages} from '../../../src/data/resize-images.ts'
import {grey, ramp} from './ramp.ts'

describe('resizeImages', () => {
  it('leaves images of the right size alone', () => {
    const images = ramp(2, 3, 4, 3)

    expect(resizeImages(images, {height: 3, width: 4})).toBe(images)
  })

  it('counts every pixel when it shrinks', () => {
    // Scale 2, reach 2: around the centre 1 of the first output, pixels 0, 1, 2 at distances 0.5, 0.5, 1.5 weigh
    // 0.75, 0.75, 0.25 (the fourth is past the edge): (0·0.75 + 0·0.75 + 255·0.25) / 1.75 = 36.4; the second mirrors it.
    expect([...resizeImages(grey([0, 0, 255, 255]), {height: 1, width: 2}).data]).toEqual([36, 219])
  })

  it('interpolates when it grows', () => {
    // Output centres at -0.25, 0.25, 0.75, 1.25 of input pixel centres 0 and 1: 0, 0.25, 0.75, 1 of the way to 200.
    expect([...resizeImages(grey([0, 200]), {height: 1, width: 4}).data]).toEqual([0, 50, 150, 200])
  })

  it('is that of Pillow, to one byte', () => {
    const data = Uint8Array.from({length: 80 * 112 * 3}, (_, i) => {
      const [k, c, r] = [i % 3, Math.floor(i / 3) % 112, Math.floor(i / 336)]
      return (3 * r * r + 5 * c * c + 7 * r * c + 11 * k) % 251
    })
    const picture = {count: 1, height: 80, width: 112, channels: 3, data}
    // Image.resize((32, 32)) of Pillow 13: pixels [0, 0], [16, 8], [31, 31] and [5, 20].
    const pillow = {
      bilinear: [36, 47, 58, 114, 109, 119, 115, 102, 113, 111, 120, 126],
      bicubic: [25, 37, 48, 115, 109, 121, 114, 101, 113, 105, 115, 123],
    }
    for (const filter of ['bilinear', 'bicubic'] as const) {
      const small = resizeImages(picture, {height: 32, width: 32}, filter).data
      const pixels = [0, 16 * 32 + 8, 31 * 32 + 31, 5 * 32 + 20].flatMap((p) => [
        ...small.subarray(p * 3, p * 3 + 3),
      ])

      pixels.forEach((value, i) => expect(Math.abs(value - pillow[filter][i]!)).toBeLessThanOrEqual(1))
    }
  })

  it('keeps images and channels apart', () => {
    const flat = {count: 2, height: 4, width: 4, channels: 3, data: new Uint8Array(96)}
    for (let i = 0; i < 96; i++) flat.data[i] = 10 * (1 + (i % 3)) + (i >= 48 ? 100 : 0)
    const {data} = resizeImages(flat, {height: 2, width: 3}, 'bicubic')

    expect([...data.subarray(0, 18)]).toEqual(Array.from({length: 18}, (_, i) => 10 * (1 + (i % 3))))
    expect([...data.subarray(18)]).toEqual(Array.from({length: 18}, (_, i) => 110 + 10 * (i % 3)))
  })

  it('weighs what it takes to 1 and reaches over no edge, whatever the sizes', () => {
    const size = fc.integer({min: 1, max: 90})
    fc.assert(
      fc.property(
        size,
        size,
        fc.constantFrom('bilinear' as const, 'bicubic' as const),
        (input, output, filter) => {
          const {first, weights, width} = scalingTaps(input, output, filter)
          for (let i = 0; i < output; i++) {
            const own = weights.subarray(i * width, (i + 1) * width)
            expect(own.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9)
            expect(first[i]! + own.findLastIndex((weight) => weight !== 0)).toBeLessThan(input)
          }
        },
      ),
    )
  })
})
