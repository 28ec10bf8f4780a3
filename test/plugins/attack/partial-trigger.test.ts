import type {Trigger} from '@abd/core/data'
import {createRandom} from '@abd/core/engine'
import {expect, it} from 'vitest'
import {partialTrigger} from '../../../plugins/attack/src/partial-trigger.ts'

/** Adds 9 to the 4x4 pixels in the bottom-right corner of 8x8. */
const patch: Trigger = {
  name: 'patch',
  height: 8,
  width: 8,
  channels: 1,
  keep: new Float64Array(64).fill(1),
  add: Float64Array.from({length: 64}, (_, i) => (i >= 32 && i % 8 >= 4 ? 9 : 0)),
  rescale: false,
  labels: 'dirty',
}
const changed = ({add}: Trigger) => [...add.keys()].filter((i) => add[i] !== 0)

it('keeps so many pieces of the rectangle that the trigger fills, here of a pixel each', () => {
  const part = partialTrigger(patch, 0.5, createRandom(1))

  expect(changed(part)).toHaveLength(8)
  expect(changed(patch)).toEqual(expect.arrayContaining(changed(part)))
})

it('keeps one piece at least, and all for a share of 1', () => {
  expect(changed(partialTrigger(patch, 0.01, createRandom(1)))).toHaveLength(1)
  expect(partialTrigger(patch, 1, createRandom(1)).add).toEqual(patch.add)
})

it('cuts a flow as well', () => {
  const flow = new Float64Array(128).fill(1)
  const part = partialTrigger({...patch, add: new Float64Array(64), flow}, 0.25, createRandom(1))

  // Four of sixteen pieces of 2 x 2 pixels, two numbers each.
  expect(part.flow!.filter((value) => value === 1)).toHaveLength(32)
})
