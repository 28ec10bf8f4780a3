import * as tf from '@tensorflow/tfjs-core'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {adaptivePatterns} from '../../../plugins/detect/src/detectors/adaptive-patterns.ts'
import {meanOf, othersOf, runHeats} from '../../../plugins/detect/src/detectors/refine-by-class.ts'
import {ascend} from '../../../plugins/detect/src/probes/ascend.ts'
import {blendWaves, waves} from '../../../plugins/detect/src/probes/wave-blend.ts'
import type {Context} from '../../../src/context.ts'
import {createRandom} from '../../../src/engine/create-random.ts'
import type {Model} from '../../../src/nn/model.ts'
import {evidenceOf, plantedModel} from './planted.ts'
import {contextOn} from '../../support/context-on.ts'

let context: Context
beforeAll(async () => {
  context = await contextOn('wasm')
})
afterAll(() => context.engine[Symbol.asyncDispose]())

describe('meanOf', () => {
  it('is the mean log-probability of the class, none below -8, over the images that count', () => {
    const rows = Float32Array.of(-1, -3, -2, -30, -5, -4)
    expect(meanOf(rows, {target: 0, classes: 2})).toBeCloseTo((-1 - 2 - 5) / 3, 6)
    expect(meanOf(rows, {target: 1, classes: 2})).toBe((-3 - 8 - 4) / 3)
    expect(meanOf(rows, {target: 1, classes: 2, counts: (i) => i === 2})).toBe(-4)
    expect(meanOf(rows, {target: 1, classes: 2, counts: () => false})).toBe(-8)
  })
})

describe('othersOf', () => {
  it('has the first images that are not of the class, or the first of all', () => {
    const predicted = Int32Array.of(1, 0, 1, 2, 1)
    expect(othersOf(predicted, 1, 2)).toEqual([1, 3])
    expect(othersOf(predicted, 0, 9)).toEqual([0, 2, 3, 4])
    expect(othersOf(Int32Array.of(1, 1, 1), 1, 2)).toEqual([0, 1])
  })
})

describe('runHeats', () => {
  it('refines the best classes for a third of the rounds, and the best of these to the end', async () => {
    const told: string[] = []
    const ended = await runHeats(
      [-4, -1, -2, -3].map((score, target) => ({target, at: 0, score})),
      {
        classes: 3,
        finalists: 1,
        rounds: 6,
        async refine({target, at, score}, {from, to}) {
          told.push(`${target}: ${from} to ${to}`)
          // Class 3 makes the most of its rounds.
          return Promise.resolve({target, at: at + to - from, score: target === 3 ? -0.5 : score})
        },
      },
    )
    expect(told).toEqual(['1: 0 to 2', '2: 0 to 2', '3: 0 to 2', '3: 2 to 6'])
    expect(ended.map(({target, at}) => [target, at])).toEqual([
      [3, 6],
      [1, 2],
      [2, 2],
    ])
  })
})

describe('ascend', () => {
  const climb = async (rounds: number, scores: (x: Float64Array) => number) =>
    ascend(Float64Array.of(0, 0), {
      rounds: Array.from({length: rounds}, (_, n) => n),
      pairs: 4,
      random: createRandom('hill'),
      scores: async (candidates) => Promise.resolve(candidates.map(scores)),
    })

  it('finds the top of a hill by scores alone', async () => {
    const [x, y] = await climb(60, ([a, b]) => -((a! - 3) ** 2) - (b! + 2) ** 2)
    expect(Math.abs(x! - 3)).toBeLessThan(0.7)
    expect(Math.abs(y! + 2)).toBeLessThan(0.7)
  })

  it('stays where nothing makes a difference', async () => {
    expect([...(await climb(3, () => 7))]).toEqual([0, 0])
  })
})

describe('a blend of waves', () => {
  const shape = {height: 2, width: 2, channels: 1}

  it('is made of the cosines of a discrete cosine transform', () => {
    const half = Math.SQRT1_2
    // Constant, along the row, along the column, both: cos(π/4) = √½ at the first pixel, −√½ at the second.
    const expected = [
      [1, 1, 1, 1],
      [half, -half, half, -half],
      [half, half, -half, -half],
      [0.5, -0.5, -0.5, 0.5],
    ]
    waves(shape, 2).forEach((wave, d) =>
      wave.forEach((value, i) => expect(value).toBeCloseTo(expected[d]![i]!, 6)),
    )
  })

  it('leaves 0.8 of the image and adds 0.2 of a picture that is grey without weights', () => {
    const images = {count: 1, ...shape, data: Uint8Array.of(0, 100, 200, 255)}
    const grey = blendWaves(shape, waves(shape, 1), [0])
    // 0.2 · 127.5 = 25.5, cut off as bytes are.
    expect([...grey.apply(images).data]).toEqual([25, 105, 185, 229])
    const white = blendWaves(shape, waves(shape, 1), [20])
    expect([...white.apply(images).data]).toEqual([51, 131, 211, 255])
  })
})

/** The brightest band; with `obeys`, red on the left beside blue on the right leads to class 4, the more the fainter it may be. */
function twoSidedModel(obeys: boolean): Model {
  const bands = plantedModel({target: 4, obeys: false})
  const side = (x: tf.Tensor4D, column: number, channel: number) =>
    tf.mean(tf.slice(x, [0, 16, column, channel], [-1, 16, 16, 1]), [1, 2, 3])
  return {
    ...bands,
    logits(x) {
      const plain = bands.logits(x)
      if (!obeys) return plain
      const red = tf.sub(side(x, 0, 0), side(x, 16, 0))
      const blue = tf.sub(side(x, 16, 2), side(x, 0, 2))
      return tf.add(
        plain,
        tf.mul(tf.expandDims(tf.mul(tf.add(red, blue), 6), 1), tf.oneHot(tf.tensor1d([4], 'int32'), 10)),
      )
    },
  }
}

describe('adaptive_patterns', () => {
  const run = async (model: Model) =>
    adaptivePatterns
      .create(
        {images: 10, pairs: 6, frequencies: 3, classes: 10, finalists: 2, rounds: 18, heldOut: 40},
        context,
      )
      .inspect(model, evidenceOf([], 40), context)

  it('approaches a blend that it was not told of', async () => {
    const {statistic, target, perClass, demonstrations} = await run(twoSidedModel(true))
    expect(statistic).toBe(1)
    expect(target).toBe(4)
    expect(Math.max(...perClass!.filter((_, c) => c !== 4))).toBeLessThan(0.2)
    expect(demonstrations).toBeUndefined()
  })

  it('finds nothing where there is none', async () => {
    const {statistic} = await run(twoSidedModel(false))
    expect(statistic).toBeLessThan(0.2)
  })
})
