import {describe, expect, it} from 'vitest'
import {stretchesOf} from '../../../src/engine/capture/stretches.ts'
import type {Event} from '../../../src/engine/capture/trace.ts'

const external: Event = {kind: 'external', shape: [250], dtype: 1}
/** Gives 250 floats, which are 1000 bytes, for each output. */
const operation = (inputs: number[], outputs = 1): Event => ({
  kind: 'operation',
  name: 'Some',
  attributes: [],
  inputs,
  outputs: Array.from({length: outputs}, () => ({shape: [250], dtype: 1})),
})

describe('stretchesOf', () => {
  it('cuts where enough results have come together, and says how each stretch begins and ends', () => {
    // Slots: 0 x, 1 and 2 from x, 3 from both, 4 from x, 5 from 3 and 4, 6 from 5.
    const events = [
      external,
      operation([0], 2),
      operation([1, 2]),
      operation([0]),
      operation([3, 4]),
      operation([5]),
    ]
    // Bytes: 2000 + 1000, cut; 1000 + 1000 + 1000.
    expect(stretchesOf({events, results: [6]}, 3000)).toEqual([
      {starts: [1], ends: [2]},
      {starts: [3], ends: [5]},
    ])
    // Every operation waits for the one before it.
    expect(stretchesOf({events, results: [6]}, 1000).map(({starts, ends}) => [...starts, ...ends])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
      [5, 5],
    ])
  })

  it('leaves out what leads to no result', () => {
    const events = [external, operation([0]), operation([0]), operation([1])]
    expect(stretchesOf({events, results: [3]}, 5000)).toEqual([{starts: [1], ends: [3]}])
    expect(stretchesOf({events, results: []}, 5000)).toEqual([])
  })

  it('a stretch may have several beginnings and ends', () => {
    const events = [external, operation([0]), operation([0]), operation([1])]
    expect(stretchesOf({events, results: [2, 3]}, 5000)).toEqual([{starts: [1, 2], ends: [2, 3]}])
  })
})
