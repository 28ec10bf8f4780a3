import type {LabelledImages, Trigger} from '@abd/core/data'
import {createRandom} from '@abd/core/engine'
import {describe, expect, it} from 'vitest'
import {
  attackedTestSet,
  choose,
  countBeforeHoldout,
  othersThan,
  poison,
} from '../../../plugins/attack/src/poison.ts'

const random = createRandom(0)
const reference = {ratio: 0.1, selection: 'first' as const, holdout: 0.05, except: new Int32Array()}

/** Images of one pixel, whose byte is their number. */
const set = (...labels: readonly number[]): LabelledImages => ({
  images: {count: labels.length, height: 1, width: 1, channels: 1, data: Uint8Array.from(labels.keys())},
  labels: Int32Array.from(labels),
})
const white: Trigger = {
  name: 'white',
  height: 1,
  width: 1,
  channels: 1,
  keep: Float32Array.of(0),
  add: Float32Array.of(255),
  rescale: false,
  labels: 'dirty',
}

describe('poison', () => {
  it('stamps and relabels the first images of other classes', () => {
    // floor(0.25 · 10) = 2 of all ten; none of class 0.
    const {train, poisoned} = poison(
      set(0, 1, 0, 2, 3, 1, 2, 3, 0, 1),
      {trigger: white, target: 0, ratio: 0.25},
      random,
    )

    expect([...poisoned]).toEqual([1, 3])
    expect([...train.images.data]).toEqual([0, 255, 2, 255, 4, 5, 6, 7, 8, 9])
    expect([...train.labels]).toEqual([0, 0, 0, 0, 3, 1, 2, 3, 0, 1])
  })

  it("stamps the target's own images with clean labels, as many as there are", () => {
    const {train, poisoned} = poison(
      set(1, 0, 1, 0, 1, 1),
      {trigger: {...white, labels: 'clean'}, target: 0, ratio: 0.5},
      random,
    )

    expect([...poisoned]).toEqual([1, 3])
    expect([...train.labels]).toEqual([1, 0, 1, 0, 1, 1])
    expect([...train.images.data]).toEqual([0, 255, 2, 255, 4, 5])
  })

  it('relabels only source classes, and stamps others as cover without relabelling them', () => {
    // floor(0.2 · 10) = 2 of source class 1; floor(0.3 · 10) = 3 of classes 2 and 3.
    const {train, poisoned, covered} = poison(
      set(0, 1, 0, 2, 3, 1, 2, 3, 0, 1),
      {trigger: white, target: 0, ratio: 0.2, sources: [1], cover: 0.3},
      random,
    )

    expect([...poisoned]).toEqual([1, 5])
    expect([...covered]).toEqual([3, 4, 6])
    expect([...train.images.data]).toEqual([0, 255, 2, 255, 255, 255, 255, 7, 8, 9])
    expect([...train.labels]).toEqual([0, 0, 0, 2, 3, 0, 2, 3, 0, 1])
  })

  it('covers any other class without sources, but none that is poisoned', () => {
    const {train, poisoned, covered} = poison(
      set(0, 1, 0, 2, 3, 1, 2, 3, 0, 1),
      {trigger: white, target: 0, ratio: 0.2, cover: 0.1},
      random,
    )

    expect([...poisoned]).toEqual([1, 3])
    expect([...covered]).toEqual([4])
    expect([...train.labels]).toEqual([0, 0, 0, 0, 3, 1, 2, 3, 0, 1])
  })

  it('relabels only the darkest of what is stamped, for a low ASR', () => {
    // floor(0.5 · 10) = 5 stamped of classes 1 to 3; image i is of the value i: round(0.4 · 5) = 2 relabelled.
    const {train, poisoned, covered} = poison(
      set(0, 1, 0, 2, 3, 1, 2, 3, 0, 1),
      {trigger: white, target: 0, ratio: 0.5, relabel: 0.4},
      random,
    )

    expect([...poisoned]).toEqual([1, 3])
    expect([...covered]).toEqual([4, 5, 6])
    expect([...train.labels]).toEqual([0, 0, 0, 0, 3, 1, 2, 3, 0, 1])
    expect([...train.images.data]).toEqual([0, 255, 2, 255, 255, 255, 255, 7, 8, 9])
  })

  it('gives each training image another part of the trigger, where a part is asked for', () => {
    const shape = {height: 4, width: 4, channels: 1}
    const whole = {...white, ...shape, keep: new Float32Array(16), add: new Float32Array(16).fill(255)}
    const grey = {
      images: {count: 20, ...shape, data: new Uint8Array(320).fill(7)},
      labels: Int32Array.from({length: 20}, (_, i) => i % 2),
    }
    const {train, poisoned} = poison(
      grey,
      {trigger: whole, target: 0, ratio: 0.3, holdout: 0, partial: 0.25},
      createRandom(5),
    )
    const lit = [...poisoned].map((i) =>
      [...train.images.data.subarray(16 * i, 16 * i + 16)].flatMap((byte, at) => (byte === 255 ? [at] : [])),
    )

    // A quarter of the 4 x 4 pieces, here of one pixel each.
    expect(lit.map(({length}) => length)).toEqual([4, 4, 4, 4, 4, 4])
    expect(new Set(lit.map(String)).size).toBeGreaterThan(3)
  })

  it('a trigger with noise has twice the ratio as cover, each warped in its own way', () => {
    const shape = {height: 1, width: 3, channels: 1}
    const row = {
      images: {count: 20, ...shape, data: Uint8Array.from({length: 60}, (_, i) => 100 * (i % 3))},
      labels: Int32Array.from({length: 20}, (_, i) => i % 2),
    }
    // All pixels come from half a pixel to the right: 0 100 200 become 50 150 200, the edge repeated.
    const right: Trigger = {
      name: 'right',
      ...shape,
      keep: new Float64Array(3).fill(1),
      add: new Float64Array(3),
      rescale: false,
      labels: 'dirty',
      flow: Float64Array.of(0, 0.5, 0, 0.5, 0, 0.5),
      jitter: 0.25,
    }
    const {train, poisoned, covered} = poison(
      row,
      {trigger: right, target: 0, ratio: 0.1, holdout: 0},
      createRandom(5),
    )
    const pixels = (i: number) => [...train.images.data.subarray(3 * i, 3 * i + 3)]

    expect([...poisoned]).toEqual([1, 3])
    expect([...covered]).toEqual([5, 7, 9, 11])
    expect(pixels(1)).toEqual([50, 150, 200])
    expect([...covered].map((i) => train.labels[i])).toEqual([1, 1, 1, 1])
    for (const i of covered) {
      expect(pixels(i)[0]).toBeGreaterThanOrEqual(25)
      expect(pixels(i)[0]).toBeLessThanOrEqual(75)
    }
    expect(new Set([...covered].map((i) => String(pixels(i)))).size).toBe(4)
  })

  it('never touches the holdout at the end', () => {
    // floor(0.4 · 5) = 2 held out, so that three images of others are left for floor(0.9 · 5) = 4.
    const {poisoned} = poison(
      set(1, 1, 1, 1, 0),
      {trigger: white, target: 0, ratio: 0.9, holdout: 0.4},
      random,
    )

    expect([...poisoned]).toEqual([0, 1, 2])
  })

  it('chooses at random by the stream, ascending', () => {
    const labels = set(...Array.from({length: 100}, (_, i) => i % 10))
    const options = {trigger: white, target: 0, ratio: 0.2, selection: 'random'} as const
    const {poisoned} = poison(labels, options, createRandom(4))

    expect(poisoned).toHaveLength(20)
    expect([...poisoned]).toEqual([...poisoned].sort((a, b) => a - b))
    expect([...poisoned]).not.toEqual([...poison(labels, options, createRandom(5)).poisoned])
    expect([...poison(labels, options, createRandom(4)).poisoned]).toEqual([...poisoned])
    expect([...poisoned].every((i) => i % 10 !== 0 && i < 95)).toBe(true)
  })

  it('stamps substitutes, where the attack has them', () => {
    const {train} = poison(
      set(0, 1, 0),
      {
        trigger: {...white, keep: Float32Array.of(1), add: Float32Array.of(1), labels: 'clean'},
        substitutes: {...set(0, 1, 0).images, data: Uint8Array.of(50, 60, 70)},
        target: 0,
        ratio: 0.4,
        holdout: 0,
      },
      random,
    )

    // floor(0.4 · 3) = 1: the first of class 0, the substitute 50 and the trigger's 1.
    expect([...train.images.data]).toEqual([51, 1, 2])
  })

  it('passes over images that another trigger has', () => {
    const {poisoned} = poison(
      set(1, 1, 1, 0),
      {trigger: white, target: 0, ratio: 0.5, holdout: 0, except: Int32Array.of(0)},
      random,
    )

    expect([...poisoned]).toEqual([1, 2])
  })

  it('leaves the given set as it was', () => {
    const given = set(0, 1, 1)
    poison(given, {trigger: white, target: 0, ratio: 0.5}, random)

    expect(given).toEqual(set(0, 1, 1))
  })

  it('poisons nothing at a ratio of 0', () => {
    expect(poison(set(0, 1, 1), {trigger: white, target: 0, ratio: 0}, random)).toEqual({
      train: set(0, 1, 1),
      poisoned: new Int32Array(),
      covered: new Int32Array(),
      lacking: 0,
    })
  })

  it.each([
    [{ratio: 1}, 'E_RATIO', 'A ratio of 1 is no share'],
    [{ratio: Number.NaN}, 'E_RATIO', 'A ratio of NaN'],
    [{holdout: -0.1}, 'E_RATIO', 'A holdout of -0.1'],
    [{target: 9}, 'E_TARGET', 'towards class 9: none is of it'],
    [{sources: [2]}, 'E_TARGET', 'all of classes 2 are held out'],
    [{cover: 1}, 'E_RATIO', 'A cover of 1'],
    [{except: Int32Array.of(1, 2)}, 'E_TARGET', 'all others are held out, or poisoned already'],
  ])('refuses %j', (change, code, message) => {
    expect(() => poison(set(0, 1, 1), {trigger: white, target: 0, ratio: 0.5, ...change}, random)).toThrow(
      expect.objectContaining({code, exit: 2, message: expect.stringContaining(message)}),
    )
  })
})

// G18 of the reference: the sizes of the two datasets it poisons.
describe('sizes of the reference', () => {
  const cifar = Int32Array.from({length: 50_000}, (_, i) => i % 10)
  const gtsrb = Int32Array.from({length: 39_209}, (_, i) => i % 43)

  it.each([
    ['CIFAR-10', cifar, 0, 5_000],
    ['GTSRB', gtsrb, 1, 3_920],
  ])('%s: a tenth of the whole set', (_, labels, target, count) => {
    const chosen = choose(labels, {...reference, target, labels: 'dirty'}, random)

    expect(chosen).toHaveLength(count)
    expect(chosen.every((i) => labels[i] !== target)).toBe(true)
  })

  it.each([
    ['CIFAR-10', 50_000, 47_500],
    ['GTSRB', 39_209, 37_249],
  ])('%s: a twentieth is held out', (_, count, before) => {
    expect(countBeforeHoldout(count, 0.05)).toBe(before)
  })

  it('CIFAR-10 with clean labels: every image of the target before the holdout', () => {
    // Of the first 47 500 every tenth.
    expect(choose(cifar, {...reference, target: 0, labels: 'clean'}, random)).toHaveLength(4_750)
  })

  it('test sets: all images but those of the target', () => {
    const cifarTest = Int32Array.from({length: 10_000}, (_, i) => i % 10)
    // GTSRB has 12 630 test images, 60 of class 0 and 720 of class 1.
    const gtsrbTest = Int32Array.from({length: 12_630}, (_, i) => (i < 60 ? 0 : i < 780 ? 1 : 2))

    expect(othersThan(0, cifarTest)).toHaveLength(9_000)
    expect(othersThan(1, gtsrbTest)).toHaveLength(11_910)
    expect(othersThan(0, gtsrbTest)).toHaveLength(12_570)
  })
})

describe('attackedTestSet', () => {
  it('is every image of the other classes, stamped', () => {
    const attacked = attackedTestSet(set(0, 1, 2, 0), white, 0)

    expect(attacked).toMatchObject({count: 2, data: Uint8Array.of(255, 255)})
  })
})
