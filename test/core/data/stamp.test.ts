import {describe, expect, it} from 'vitest'
import type {Trigger} from '../../../src/data/trigger.ts'
import {stamp} from '../../../src/data/stamp.ts'
import {grey, ramp} from './ramp.ts'

const trigger = (keep: readonly number[], add: readonly number[], rescale = false): Trigger => ({
  name: 'test',
  height: 2,
  width: 2,
  channels: 1,
  keep: Float64Array.from(keep),
  add: Float64Array.from(add),
  rescale,
  labels: 'dirty',
})

describe('stamp', () => {
  it('keeps, replaces, adds and blends, and clips', () => {
    const stamped = stamp(grey([10, 10], [250, 100]), trigger([1, 0, 1, 0.8], [0, 77, 20, 0.2 * 51]))

    // 10; 0·10 + 77; 250 + 20 > 255; 0.8·100 + 10.2 = 90.2
    expect([...stamped.data]).toEqual([10, 77, 255, 90])
  })

  it('truncates toward zero, and never below 0', () => {
    const stamped = stamp(grey([1, 1], [9, 5]), trigger([0.99, 1, 1, 1], [0, -1.5, 0.999, -5.2]))

    // 0.99 → 0; -0.5 → 0; 9.999 → 9; -0.2 → 0
    expect([...stamped.data]).toEqual([0, 0, 9, 0])
  })

  it('stretches each image on its own to 0 … 255', () => {
    const two = {
      ...grey([10, 20], [30, 60]),
      count: 2,
      data: Uint8Array.from([10, 20, 30, 60, 0, 100, 200, 255]),
    }
    const stamped = stamp(two, trigger([1, 1, 1, 1], [0, 0, 0, 10], true))

    // 10 20 30 70: (20-10)/60·255 = 42.5, (30-10)/60·255 = 85; 0 100 200 265: 100/265·255 = 96.2, 192.4
    expect([...stamped.data]).toEqual([0, 42, 85, 255, 0, 96, 192, 255])
  })

  it('leaves a constant image in range where there is nothing to stretch', () => {
    expect([...stamp(grey([9, 9], [9, 9]), trigger([1, 1, 1, 1], [3, 3, 3, 3], true)).data]).toEqual([
      12, 12, 12, 12,
    ])
  })

  it('does not touch the images it is given', () => {
    const images = ramp(3, 2, 2, 1)
    stamp(images, trigger([0, 0, 0, 0], [1, 2, 3, 4]))

    expect([...images.data]).toEqual(Array.from({length: 12}, (_, i) => i))
  })

  it('refuses images of another shape', () => {
    expect(() => stamp(ramp(1, 2, 3, 1), trigger([1, 1, 1, 1], [0, 0, 0, 0]))).toThrow(
      expect.objectContaining({
        code: 'E_TRIGGER_SHAPE',
        exit: 2,
        message: 'The trigger test is 2x2x1, the images are 2x3x1.',
      }),
    )
  })
})
