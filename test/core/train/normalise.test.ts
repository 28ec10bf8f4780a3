import {openEngine} from '@abd/core/engine'
import {denormalise, normalise, renormaliser} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, test} from 'vitest'

beforeAll(async () => {
  await openEngine('cpu')
})

const one = {mean: [0.5, 0, 0], std: [0.25, 1, 1]}
const other = {mean: [0.4, 0, 0], std: [0.5, 1, 1]}
const pixel = (value: number) => tf.tensor4d([value, 0, 0], [1, 1, 1, 3])
const first = async (x: tf.Tensor) => (await x.data())[0]

describe('normalisation', () => {
  test('(x - mean) / std a channel, and back', async () => {
    expect(await first(normalise(pixel(0.75), one))).toBeCloseTo(1, 6)
    expect(await first(denormalise(pixel(1), one))).toBeCloseTo(0.75, 6)
  })

  test('from one into another: 1 is 0.75 in an image, and that 0.7 in the other', async () => {
    expect(await first(renormaliser(one, other)(pixel(1)))).toBeCloseTo(0.7, 6)
  })

  test('into the same changes nothing', () => {
    const x = pixel(1)
    expect(renormaliser(one, {...one})(x)).toBe(x)
  })
})
