import type {Images} from '@abd/core/data'
import {createRandom} from '@abd/core/engine'
import {augment} from '@abd/core/train'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'

/** One image of 3 x 2 pixels, one channel: 1 2 3 / 4 5 6. */
const six: Images = {count: 1, height: 2, width: 3, channels: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6)}

/** Plays the draws it is given: shift down, shift right (both plus the largest shift), mirrored or not. */
const playing = (...draws: number[]) => ({...createRandom(0), integer: () => draws.shift()!})

const rows = ({data, width, channels}: Images) =>
  Array.from({length: data.length / (width * channels)}, (_, row) => [
    ...data.subarray(row * width * channels, (row + 1) * width * channels),
  ])

describe('augment', () => {
  test('shifts down and right, and what comes in is black', () => {
    // shift 1: draws 2 and 2 are one down, one right.
    const shifted = augment(six, [0], {shift: 1, flip: false}, playing(2, 2))
    expect(rows(shifted)).toEqual([
      [0, 0, 0],
      [0, 1, 2],
    ])
  })

  test('shifts up and left', () => {
    const shifted = augment(six, [0], {shift: 1, flip: false}, playing(0, 0))
    expect(rows(shifted)).toEqual([
      [5, 6, 0],
      [0, 0, 0],
    ])
  })

  test('brings in what went out on the other side, where the border wraps', () => {
    // One down, one left: row 0 is the old row 1, and each row starts with its second pixel.
    const shifted = augment(six, [0], {shift: 1, border: 'wrap', flip: false}, playing(2, 0))
    expect(rows(shifted)).toEqual([
      [5, 6, 4],
      [2, 3, 1],
    ])
  })

  test('a shift of more than the image comes round again', () => {
    // 3 right of 3 columns is none, 3 down of 2 rows is one.
    const shifted = augment(six, [0], {shift: 3, border: 'wrap', flip: false}, playing(6, 6))
    expect(rows(shifted)).toEqual([
      [4, 5, 6],
      [1, 2, 3],
    ])
  })

  test('mirrors first, then shifts', () => {
    const mirrored = augment(six, [0], {shift: 1, flip: true}, playing(1, 2, 1))
    expect(rows(mirrored)).toEqual([
      [0, 3, 2],
      [0, 6, 5],
    ])
  })

  test('keeps the channels of a pixel together', () => {
    const two: Images = {count: 1, height: 1, width: 2, channels: 2, data: Uint8Array.of(1, 2, 3, 4)}
    expect(rows(augment(two, [0], {shift: 0, flip: true}, playing(0, 0, 1)))).toEqual([[3, 4, 1, 2]])
  })

  test('with neither it takes the images that were asked for, and leaves the given ones alone', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2), {minLength: 1, maxLength: 5}), (indices) => {
        const three: Images = {count: 3, height: 1, width: 1, channels: 1, data: Uint8Array.of(7, 8, 9)}
        const taken = augment(three, indices, {shift: 0, flip: false}, createRandom(1))
        expect([...taken.data]).toEqual(indices.map((index) => 7 + index))
        expect([...three.data]).toEqual([7, 8, 9])
      }),
    )
  })

  test('all shifts occur, both ways', () => {
    const dot: Images = {count: 1, height: 5, width: 5, channels: 1, data: new Uint8Array(25).fill(9, 12, 13)}
    const {data} = augment(dot, new Int32Array(400), {shift: 1, flip: false}, createRandom(3))
    const places = new Set(Array.from({length: 400}, (_, i) => data.indexOf(9, i * 25) - i * 25))
    expect([...places].sort((a, b) => a - b)).toEqual([6, 7, 8, 11, 12, 13, 16, 17, 18])
  })
})
