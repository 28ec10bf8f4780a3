import {largest, movedShares} from '../../../src/audit/moved-shares.ts'
import {describe, expect, it} from 'vitest'

describe('movedShares', () => {
  it('counts, for each class, the images that were elsewhere before', () => {
    // 40 images of class 0 and 20 of class 1; the change moves 30 of the 40 and 5 of the 20 into class 2.
    const before = Int32Array.from({length: 60}, (_, i) => (i < 40 ? 0 : 1))
    const after = Int32Array.from({length: 60}, (_, i) => (i < 30 || i >= 55 ? 2 : before[i]!))

    const shares = movedShares(before, after, 3)

    // Class 2: 35 of 60 that were elsewhere. Nobody moved into 0 or 1.
    expect([...shares]).toEqual([0, 0, 35 / 60])
    expect(largest(shares)).toEqual({index: 2, value: 35 / 60})
  })

  it('says nothing of a class that nearly all images are in already', () => {
    // 90 of 100 images are in class 0; the other 10 move into it: fewer than 20 are eligible.
    const before = Int32Array.from({length: 100}, (_, i) => (i < 90 ? 0 : 1))
    const after = new Int32Array(100)

    expect(movedShares(before, after, 2)[0]).toBe(0)
  })
})
