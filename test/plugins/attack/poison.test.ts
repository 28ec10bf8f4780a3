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
