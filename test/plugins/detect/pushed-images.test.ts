import * as tf from '@tensorflow/tfjs-core'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {convergenceSpeed} from '../../../plugins/detect/src/detectors/convergence-speed.ts'
import {neuralCleanse} from '../../../plugins/detect/src/detectors/neural-cleanse.ts'
import {nearOodShift, oodShift} from '../../../plugins/detect/src/detectors/ood-shift.ts'
import {entropy, strip} from '../../../plugins/detect/src/detectors/strip.ts'
import {scrambleImages} from '../../../plugins/detect/src/inversion/scramble-images.ts'
import type {Context} from '../../../src/context.ts'
import {createRandom} from '../../../src/engine/create-random.ts'
import {bandImages, differentiableModel, evidenceOf, plantedModel} from './planted.ts'
import {contextOn} from '../../support/context-on.ts'

let context: Context
beforeAll(async () => {
  context = await contextOn('wasm')
})
afterAll(() => context.engine[Symbol.asyncDispose]())

/** 200 images, of which the first `stamped` have a white block in the corner that the planted network obeys. */
function taskImages(stamped: number) {
  const images = bandImages(200, 'task')
  for (let n = 0; n < stamped; n++)
    for (let row = 29; row < 32; row++)
      images.data.fill(255, ((n * 32 + row) * 32 + 29) * 3, ((n * 32 + row) * 32 + 32) * 3)
  return images
}

describe('convergence_speed', () => {
  it('names the class that random images are soonest turned into', async () => {
    const detector = convergenceSpeed.create({starts: 4, steps: 40, size: 0.01, batch: 40}, context)
    const poisoned = await detector.inspect(
      differentiableModel({target: 3, obeys: true}),
      evidenceOf([], 1),
      context,
    )
    const clean = await detector.inspect(
      differentiableModel({target: 3, obeys: false}),
      evidenceOf([], 1),
      context,
    )
    expect(poisoned.target).toBe(3)
    expect(poisoned.statistic).toBeGreaterThan(3)
    expect(poisoned.statistic).toBeGreaterThan(clean.statistic)
  })
})

describe('ood_shift', () => {
  it('is how much the largest softmax rises, and names where the images went', async () => {
    const detector = oodShift.create({images: 40, steps: 5, radius: 0.2}, context)
    const run = (obeys: boolean) =>
      detector.inspect(differentiableModel({target: 3, obeys}), evidenceOf([], 40), context)
    const [poisoned, clean] = [await run(true), await run(false)]
    for (const {statistic, details} of [poisoned, clean]) {
      expect(statistic).toBeGreaterThan(0)
      expect(statistic).toBeCloseTo(Number(details['after']) - Number(details['before']), 6)
    }
    // Where nothing is obeyed every band gets its own: 40 images, ten bands.
    expect(clean.perClass).toEqual(new Array(10).fill(0.1))
  })
})

describe('scrambleImages', () => {
  it('lays the sixteen tiles elsewhere, whole, another way in each image', () => {
    // Tiles of 1 x 2 pixels, each with two numbers of its own; the ninth column belongs to none.
    const image = Array.from({length: 4 * 9}, (_, i) => i)
    const images = {count: 2, height: 4, width: 9, channels: 1, data: Uint8Array.from([...image, ...image])}
    const {data} = scrambleImages(images, createRandom(2))
    const [one, two] = [[...data.subarray(0, 36)], [...data.subarray(36)]]
    expect([...one].sort((a, b) => a - b)).toEqual(image)
    expect(one).not.toEqual(image)
    expect(two).not.toEqual(one)
    for (let row = 0; row < 4; row++) {
      expect(one[row * 9 + 8]).toBe(row * 9 + 8)
      for (let column = 0; column < 8; column += 2)
        expect(one[row * 9 + column + 1]).toBe(one[row * 9 + column]! + 1)
    }
  })
})

describe('near_ood_shift', () => {
  const run = (images?: ReturnType<typeof taskImages>) =>
    nearOodShift
      .create({images: 40, steps: 5, radius: 0.2}, context)
      .inspect(
        differentiableModel({target: 3, obeys: true}),
        {...evidenceOf([], 1), ...(images ? {images} : {})},
        context,
      )

  it('looks at the given images, scrambled, and leads more of them to the target than a tenth', async () => {
    const {statistic, perClass, target, details} = await run(taskImages(0))
    expect(details['images']).toBe(40)
    expect(statistic).toBeGreaterThan(0)
    expect(target).toBe(3)
    expect(perClass![3]).toBeGreaterThan(0.1)
  })

  it('does not apply without any', async () => {
    expect((await run()).details['notApplicable']).toContain('--images')
  })
})

describe('entropy', () => {
  it('is ln 2 of two equal logits, and 0 of one far above', async () => {
    const values = await entropy(tf.tensor2d([5, 5, 100, 0], [2, 2])).data()
    expect(values[0]).toBeCloseTo(Math.log(2), 6)
    expect(values[1]).toBeCloseTo(0, 6)
  })
})

describe('strip_entropy', () => {
  const run = (stamped: number) =>
    strip
      .create({overlays: 5}, context)
      .inspect(
        plantedModel({target: 4, obeys: true}),
        {...evidenceOf([], 1), images: taskImages(stamped)},
        context,
      )

  it('finds the images that carry a trigger, and their class', async () => {
    const {statistic, target, details} = await run(10)
    // Some 5 of the 100 that were drawn; an image with a trigger laid over others is not enough to be one.
    expect(statistic).toBeGreaterThan(0.02)
    expect(statistic).toBeLessThan(0.1)
    expect(target).toBe(4)
    expect(details['images']).toBe(100)
  })

  it('finds none among images without', async () => {
    expect(await run(0)).toMatchObject({statistic: 0, target: null})
  })
})

describe('neural_cleanse', () => {
  const detector = () => neuralCleanse.create({images: 4, steps: 60, rate: 0.3, batch: 40}, context)

  it('inverts the trigger on images of the task', async () => {
    const {target, illustrations} = await detector().inspect(
      differentiableModel({target: 2, obeys: true}),
      {...evidenceOf([], 1), images: taskImages(0)},
      context,
    )
    expect(target).toBe(2)
    expect(illustrations![0]!.trigger).toBe('inverted on your images:2')
  })

  it('does not apply without any', async () => {
    const {statistic, details} = await detector().inspect(
      differentiableModel({target: 2, obeys: true}),
      evidenceOf([], 1),
      context,
    )
    expect(statistic).toBeNaN()
    expect(details['notApplicable']).toContain('--data')
  })
})
