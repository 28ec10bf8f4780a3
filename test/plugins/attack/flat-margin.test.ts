import {createRandom, openEngine} from '@abd/core/engine'
import {tinyModel} from '@abd/core/testing'
import * as tf from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, it} from 'vitest'
import {flatMargin, margins} from '../../../plugins/attack/src/adaptive/flat-margin.ts'
import {adaptiveOptions} from '../../../plugins/attack/src/adaptive/options.ts'

beforeAll(() => openEngine('cpu'))

it('margins are above the largest of the others', async () => {
  const logits = tf.tensor2d([
    [5, 2, 1],
    [5, 2, 1],
  ])
  const wanted = tf.tensor2d([
    [1, 0, 0],
    [0, 0, 1],
  ])

  expect([...(await margins(logits, wanted).data())]).toEqual([3, -4])
})

describe('flatMargin', () => {
  const options = (change: object) => adaptiveOptions['flat-margin'].parse({images: 4, ...change})
  const penaltyOf = async (change: object) => {
    using model = tinyModel(createRandom('fresh'))
    const [height, width, channels] = model.network.architecture.input
    const size = height * width * channels
    const random = createRandom(2)
    const data = Uint8Array.from({length: 6 * size}, () => random.integer(256))
    const foreign = {count: 6, height, width, channels, data}
    const penalty = flatMargin(model, foreign, options(change))
    const given = penalty.prepare(undefined as never, createRandom(3))
    const changed = Array.from(await tf.notEqual(given.bare, given.patched).data()).filter(Boolean).length
    return {loss: (await penalty.loss(undefined as never, given).data())[0]!, changed, size}
  }

  it('costs nothing where it weighs nothing, and is the same for the same seed', async () => {
    expect((await penaltyOf({weight: 0})).loss).toBe(0)
    expect((await penaltyOf({})).loss).toBe((await penaltyOf({})).loss)
  })

  it('costs more, the lower the cap of the margin', async () => {
    const [high, low] = [await penaltyOf({cap: 100}), await penaltyOf({cap: 0})]

    expect(low.loss).toBeGreaterThan(high.loss)
  })

  it('patches cover some of the images, at most three tenths of a side', async () => {
    const {changed, size} = await penaltyOf({})

    expect(changed).toBeGreaterThan(0)
    expect(changed).toBeLessThanOrEqual(0.15 * 4 * size)
  })
})
