import * as tf from '@tensorflow/tfjs-core'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {principalComponents} from '../../../plugins/detect/src/clusters/principal-components.ts'
import {twoClusters} from '../../../plugins/detect/src/clusters/two-clusters.ts'
import {activationClustering} from '../../../plugins/detect/src/detectors/activation-clustering.ts'
import type {Context} from '../../../src/context.ts'
import type {Images} from '../../../src/data/images.ts'
import type {Model} from '../../../src/nn/model.ts'
import {bandImages, evidenceOf, featuredModel} from './planted.ts'
import {contextOn} from '../../support/context-on.ts'

let context: Context
beforeAll(async () => {
  context = await contextOn('wasm')
})
afterAll(() => context.engine[Symbol.asyncDispose]())

describe('principalComponents', () => {
  it('finds the axes in order of what they hold', () => {
    // Along (3, 4)/5 as far as ±2, across it ±1: the centre is (1, 1).
    const rows = [
      [1 + 1.2, 1 + 1.6],
      [1 - 1.2, 1 - 1.6],
      [1 - 0.8, 1 + 0.6],
      [1 + 0.8, 1 - 0.6],
    ]
    const coordinates = principalComponents(rows, 2).map((row) => row.map((value) => Math.abs(value)))
    ;[
      [2, 0],
      [2, 0],
      [0, 1],
      [0, 1],
    ].forEach((expected, n) =>
      expected.forEach((value, d) => expect(coordinates[n]![d]).toBeCloseTo(value, 8)),
    )
  })

  it('has nothing to say of rows that are all the same', () => {
    expect(
      principalComponents(
        [
          [1, 2],
          [1, 2],
          [1, 2],
        ],
        2,
      ),
    ).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ])
  })
})

describe('twoClusters', () => {
  it('parts what lies apart, by the mean silhouette', () => {
    const {smaller, silhouette} = twoClusters([[0], [10], [1], [0.5]])
    expect(smaller).toEqual([false, true, false, false])
    // Alone: 0. Of 0, 1, 0.5: a = 0.75, 0.75, 0.5; b = 10, 9, 9.5.
    expect(silhouette).toBeCloseTo((0 + (1 - 0.75 / 10) + (1 - 0.75 / 9) + (1 - 0.5 / 9.5)) / 4, 10)
  })

  it('finds no two among equals', () => {
    expect(
      twoClusters([
        [1, 1],
        [1, 1],
      ]).silhouette,
    ).toBe(0)
  })
})

/** As many band images, of which every `every`th has a white corner. */
function stamped(count: number, every: number): Images {
  const images = bandImages(count, 'given')
  const data = Uint8Array.from(images.data)
  for (let n = 0; n < count; n += every)
    for (let r = 29; r < 32; r++) data.fill(255, ((n * 32 + r) * 32 + 29) * 3, ((n * 32 + r) * 32 + 32) * 3)
  return {...images, data}
}

describe('activation_clustering', () => {
  const run = async (images?: Images, model = featuredModel()) =>
    activationClustering
      .create({fewest: 10, most: 60, axes: 2}, context)
      .inspect(model, {...evidenceOf([], 20), ...(images ? {images} : {})}, context)

  it('finds the class that images are in for two reasons', async () => {
    const {statistic, target, perClass, details} = await run(stamped(200, 11))
    expect(target).toBe(4)
    expect(statistic).toBeGreaterThan(3)
    expect(perClass).toHaveLength(10)
    // 19 images are stamped, two of which show band 4: 17 came over, beside 20 of its own.
    expect(details).toMatchObject({classes: 10, images: 37})
    expect(details['smallerGroup']).toBeGreaterThan(0.3)
  })

  it('sees nothing where no image carries the trigger', async () => {
    const {statistic} = await run(bandImages(200, 'given'))
    expect(statistic).toBeLessThan(3)
  })

  it('asks for images where there are none, or too few of a class', async () => {
    expect((await run()).details['notApplicable']).toMatch(/10 images in each of three classes/)
    expect((await run(bandImages(40, 'few'))).statistic).toBeNaN()
  })

  it('asks for no images where there are too few classes to compare', async () => {
    const model = featuredModel()
    const {architecture} = model.network
    const two = {...model, network: {...model.network, architecture: {...architecture, classes: 2}}}
    expect((await run(undefined, two)).details['notApplicable']).toBe(
      'it compares a class with at least two others',
    )
  })

  it('says so where the features of some images are no numbers', async () => {
    const model = featuredModel()
    const {architecture} = model.network
    const broken: Model = {
      ...model,
      network: {
        ...model.network,
        architecture: {
          ...architecture,
          forward(parameters, x, mode) {
            const forward = architecture.forward(parameters, x, mode)
            const [count] = forward.features.shape
            // The first of each batch.
            const first = tf.tensor2d(
              Array.from({length: count}, (_, n) => (n === 0 ? Number.NaN : 0)),
              [count, 1],
            )
            return {...forward, features: tf.add(forward.features, first)}
          },
        },
      },
    }
    const {statistic, target, details} = await run(bandImages(200, 'given'), broken)
    expect({statistic, target}).toEqual({statistic: Number.NaN, target: null})
    expect(details['notApplicable']).toBe(
      'the last features of 1 of 20 images of class 0 are NaN or infinite: nothing can be compared',
    )
  })

  it('moves its progress on for all that it computes', async () => {
    let [total, done, ended] = [0, 0, false]
    const progress = {
      ...context.progress,
      start: (_: string, count: number) => {
        total += count
        return {advance: (by: number) => void (done += by), end: () => void (ended = true)}
      },
    }
    await activationClustering.create({fewest: 10, most: 60, axes: 2}, context).inspect(
      featuredModel(),
      {...evidenceOf([], 20), images: bandImages(200, 'given')},
      {
        ...context,
        progress,
      },
    )
    // Each image once for its class, and 20 for each of ten classes.
    expect({total, done, ended}).toEqual({total: 400, done: 400, ended: true})
  })
})
