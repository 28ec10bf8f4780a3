import {describe, expect, it} from 'vitest'
import {torchEntries, zip} from './build-zip.ts'
import {dictOf, pickle, tensor} from './build-pickle.ts'
import {scratch} from './scratch.ts'

const {read} = scratch()

/** Longer than a piece of the pass (262 144 values), and not a multiple of what is tested at a time. */
const LENGTH = 300_003

const model = (values: readonly number[]) =>
  zip(
    torchEntries(pickle(dictOf({w: tensor({count: values.length, size: [values.length], stride: [1]})})), {
      0: new Uint8Array(Float32Array.from(values).buffer),
    }),
  )

const filled = (value: number, ...places: readonly number[]) => {
  const values = new Array<number>(LENGTH).fill(0.5)
  for (const place of places) values[place] = value
  return values
}

describe('values that are not finite', () => {
  it.each([
    ['NaN', 0],
    ['Infinity', LENGTH - 1],
    ['-Infinity', 262_143],
    ['NaN', 262_144],
    ['Infinity', 150_001],
  ])('%s at %i', async (value, place) => {
    expect((await read('one.pt', model(filled(Number(value), place)))).nonFinite).toEqual([
      {tensor: 'w', count: 1},
    ])
  })

  it('are counted wherever they lie', async () => {
    expect((await read('some.pt', model(filled(NaN, 0, 1, 262_144, LENGTH - 1)))).nonFinite).toEqual([
      {tensor: 'w', count: 4},
    ])
  })

  // The largest float32, the least above zero, and negative zero.
  it.each([3.4028234663852886e38, -3.4028234663852886e38, 1.401298464324817e-45, -0])(
    '%s is none',
    async (value) => {
      expect((await read('finite.pt', model(filled(value, 0, 3, 4, LENGTH - 1)))).nonFinite).toEqual([])
    },
  )
})
