import type {Images} from '@abd/core/data'
import {createRandom} from '@abd/core/engine'
import {expect, test} from 'vitest'
import {cutMix} from '../../../plugins/distill/src/ood/cut-mix.ts'

/** Two images of 4 x 4, one channel: all 1 and all 2. */
const two: Images = {
  count: 2,
  height: 4,
  width: 4,
  channels: 1,
  data: Uint8Array.from({length: 32}, (_, i) => (i < 16 ? 1 : 2)),
}

const batch = {alpha: 0.25, boxes: 'batch'} as const

const random = (lambda: number, row: number, column: number, permutation: number[]) => {
  const centres = [row, column]
  return {
    ...createRandom(0),
    beta: () => lambda,
    integer: () => centres.shift()!,
    permutation: () => Int32Array.from(permutation),
  }
}

test('pastes one box, from the image that the permutation names', () => {
  // λ = 0.75: sides √0.25 of 4 = 2, half 1; centre (1, 2): rows 0 and 1, columns 1 and 2.
  const mixed = cutMix(two, batch, random(0.75, 1, 2, [1, 0]))
  expect([...mixed.data.subarray(0, 16)]).toEqual([1, 2, 2, 1, 1, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1])
  expect([...mixed.data.subarray(16)]).toEqual([2, 1, 1, 2, 2, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2])
  expect([...two.data]).toEqual([...Array(16).fill(1), ...Array(16).fill(2)])
})

test('draws a box for each image', () => {
  // λ = 0.75 for the first: rows 0 and 1, columns 1 and 2, as above; λ = 1 for the second: no box.
  const lambdas = [0.75, 1]
  const draws = [1, 2, 0, 0]
  const playing = {
    ...createRandom(0),
    beta: () => lambdas.shift()!,
    integer: () => draws.shift()!,
    permutation: () => Int32Array.of(1, 0),
  }
  const mixed = cutMix(two, {alpha: 0.25, boxes: 'image'}, playing)
  expect([...mixed.data.subarray(0, 16)]).toEqual([1, 2, 2, 1, 1, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1])
  expect([...mixed.data.subarray(16)]).toEqual(Array(16).fill(2))
})

test('clips the box to the image', () => {
  // λ = 0: the whole image, half 2; centre (0, 3): rows 0 and 1, columns 1 to 3.
  const mixed = cutMix(two, batch, random(0, 0, 3, [1, 0]))
  expect([...mixed.data.subarray(0, 16)]).toEqual([1, 2, 2, 2, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1])
})

test('λ = 1 changes nothing', () => {
  expect([...cutMix(two, batch, random(1, 2, 2, [1, 0])).data]).toEqual([...two.data])
})
