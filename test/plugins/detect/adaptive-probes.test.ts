import * as tf from '@tensorflow/tfjs-core'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {adaptiveProbes} from '../../../plugins/detect/src/detectors/adaptive-probes.ts'
import {climb} from '../../../plugins/detect/src/probes/climb.ts'
import {nearbyPatch, paintPatch, patchGrid} from '../../../plugins/detect/src/probes/movable-patch.ts'
import {patchProbes} from '../../../plugins/detect/src/probes/patches.ts'
import type {Context} from '../../../src/context.ts'
import type {Trigger} from '../../../src/data/trigger.ts'
import {createRandom} from '../../../src/engine/create-random.ts'
import type {Model} from '../../../src/nn/model.ts'
import {evidenceOf, plantedModel} from './planted.ts'
import {contextOn} from '../../support/context-on.ts'

let context: Context
beforeAll(async () => {
  context = await contextOn('wasm')
})
afterAll(() => context.engine[Symbol.asyncDispose]())

const colour = {height: 32, width: 32, channels: 3}
const grey = {height: 28, width: 28, channels: 1}

describe('climb', () => {
  const towardsFive = (rounds: number) =>
    climb(
      {at: 0, score: -25},
      {
        rounds,
        propose: (x) => [x - 1, x + 2],
        score: async (candidates) => Promise.resolve(candidates.map((x) => -((x - 5) ** 2))),
      },
    )

  it('goes to the better neighbour, and stays where none is better', async () => {
    expect(await towardsFive(1)).toEqual({at: 2, score: -9})
    expect(await towardsFive(2)).toEqual({at: 4, score: -1})
    // 3 scores -4 and 6 as much as 4.
    expect(await towardsFive(3)).toEqual({at: 4, score: -1})
  })
})

describe('patches that can be moved', () => {
  it('begin as the battery, but for its noise', () => {
    const grid = patchGrid(colour).map((spec) => paintPatch(colour, spec).trigger!)
    const battery = patchProbes(colour, createRandom(1)).filter(({name}) => !name.startsWith('noise'))
    const bytes = ({keep, add}: Pick<Trigger, 'keep' | 'add'>) => `${keep.join()} ${add.join()}`
    expect(new Set(grid.map(bytes))).toEqual(new Set(battery.map(({trigger}) => bytes(trigger!))))
    expect(grid).toHaveLength(270)
  })

  it('are painted once where there is one channel: two colours, two checkerboards, 27 places', () => {
    expect(patchGrid(grey)).toHaveLength(27 * 4)
  })

  it.each([colour, grey])('stay within the image and the sizes: $channels', (shape) => {
    let at = patchGrid(shape)[0]!
    const random = createRandom('walk')
    const seen = new Set<number>()
    for (let step = 0; step < 300; step++) {
      const next = nearbyPatch(at, {shape, random: random.fork(step)})
      expect(Math.abs(next.side - at.side)).toBeLessThanOrEqual(1)
      expect(Math.max(Math.abs(next.top - at.top), Math.abs(next.left - at.left))).toBeLessThanOrEqual(2)
      expect(Math.min(next.top, next.left)).toBeGreaterThanOrEqual(0)
      expect(next.top + next.side).toBeLessThanOrEqual(shape.height)
      expect(next.left + next.side).toBeLessThanOrEqual(shape.width)
      seen.add((at = next).side)
    }
    // 6 of 32 pixels, 5 of 28.
    expect([...seen].sort()).toEqual(shape === colour ? [2, 3, 4, 5, 6] : [2, 3, 4, 5])
  })
})

/**
 * The brightest band; with `obeys`, pixels 4 to 7 from the top left corner lead to class 4 the more, the nearer they are to orange.
 * No patch of the battery covers them.
 */
function orangeModel(obeys: boolean): Model {
  const bands = plantedModel({target: 4, obeys: false})
  return {
    ...bands,
    logits(x) {
      const plain = bands.logits(x)
      if (!obeys) return plain
      const there = tf.slice(x, [0, 4, 4, 0], [-1, 4, 4, 3])
      const away = tf.mean(tf.abs(tf.sub(there, tf.tensor1d([1, 128 / 255, 0]))), [1, 2, 3])
      // Dark noise is half away. The battery's best patches cover four of the sixteen pixels: too few to outdo a band.
      const near = tf.mul(tf.maximum(0, tf.sub(0.47, away)), 5)
      return tf.add(plain, tf.mul(tf.expandDims(near, 1), tf.oneHot(tf.tensor1d([4], 'int32'), 10)))
    },
  }
}

describe('adaptive_probes', () => {
  const run = async (model: Model, rounds: number) =>
    adaptiveProbes
      .create({screen: 10, images: 20, classes: 10, finalists: 2, rounds, tries: 8, heldOut: 40}, context)
      .inspect(model, evidenceOf([], 60), context)

  it('approaches a trigger that no patch of the battery hits', async () => {
    const first = await run(orangeModel(true), 1)
    const {statistic, target, perClass, demonstrations, illustrations} = await run(orangeModel(true), 24)

    expect(first.statistic).toBeLessThan(0.5)
    expect(statistic).toBe(1)
    expect(target).toBe(4)
    expect(perClass).toHaveLength(10)
    // A network without a backdoor can be led by a patch made for it: the share alone shows nothing.
    expect(demonstrations).toBeUndefined()
    expect(illustrations![0]!.caption).toMatch(
      /left without, right with it; moves 100 % of the held-out images into class 4/,
    )
  })

  it('finds nothing where there is none', async () => {
    const {statistic, target} = await run(orangeModel(false), 24)
    expect({statistic, target}).toEqual({statistic: 0, target: null})
  })

  it('refines the best classes alone where there are many', async () => {
    const {perClass, details, target} = await adaptiveProbes
      .create({screen: 10, images: 20, classes: 3, finalists: 1, rounds: 24, tries: 8, heldOut: 40}, context)
      .inspect(orangeModel(true), evidenceOf([], 60), context)
    expect(perClass).toBeUndefined()
    expect(details['refinedClasses']).toBe(3)
    expect(target).toBe(4)
  })
})
