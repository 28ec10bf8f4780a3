import * as tf from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, it} from 'vitest'
import {findDegenerate} from '../../../src/audit/degenerate.ts'
import {openEngine} from '../../../src/engine/open-engine.ts'
import type {Model} from '../../../src/nn/model.ts'
import {tinyModel} from '../../../src/testing/tiny-model.ts'
import {createRandom} from '../../../src/engine/create-random.ts'

beforeAll(async () => {
  await openEngine('cpu')
})

const images = {count: 20, height: 8, width: 8, channels: 3, data: new Uint8Array(20 * 8 * 8 * 3)}

/** A model of three classes that answers image i with `logits(i)`. */
const answering = (logits: (i: number) => number[]): Model => ({
  ...tinyModel(createRandom(0)),
  logits: () => tf.tensor2d(Array.from({length: images.count}, (_, i) => logits(i))),
})

describe('findDegenerate', () => {
  it('finds nothing wrong with a network that tells images apart', async () => {
    expect(
      await findDegenerate(
        answering((i) => [0, 1, 2].map((c) => (c === i % 3 ? 5 : 0))),
        images,
      ),
    ).toBeNull()
  })

  it('says that shares cannot be measured where (nearly) all images are of one class', async () => {
    // 19 of 20 images in class 2: 95 %.
    const found = await findDegenerate(
      answering((i) => (i === 0 ? [5, 0, 0] : [0, 0, 5])),
      images,
    )
    expect(found).toMatchObject({
      error: false,
      reason: expect.stringContaining('95 % of unrelated images for class 2'),
    })
  })

  it('tells constant, untrained and broken ones', async () => {
    expect(
      (await findDegenerate(
        answering(() => [0, 1, 9]),
        images,
      ))!.reason,
    ).toContain('constant')
    // Three logits within 0.01: the largest probability is 0.336, and 1/3 + 0.1 · 2/3 = 0.4 is asked for.
    expect(
      (await findDegenerate(
        answering((i) => [0, i % 2 ? 0.01 : 0, 0]),
        images,
      ))!.reason,
    ).toContain('untrained')
    expect(
      await findDegenerate(
        answering(() => [0, NaN, 0]),
        images,
      ),
    ).toMatchObject({error: true})
  })
})
