import type {Images} from '@abd/core/data'
import type {Model} from '@abd/core/nn'
import {openEngine} from '@abd/core/engine'
import {attackSuccessRate, evaluate, predict} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, test} from 'vitest'

beforeAll(async () => {
  await openEngine('cpu')
})

/** One pixel an image: its class is 0 below 85, 1 below 170, else 2. */
const byBrightness = {
  logits: (x: tf.Tensor4D) =>
    tf.oneHot(tf.cast(tf.floor(tf.mul(tf.reshape(x, [-1]), 2.999)), 'int32'), 3) as tf.Tensor2D,
} as unknown as Model

const pixels = (...values: number[]): Images => ({
  count: values.length,
  height: 1,
  width: 1,
  channels: 1,
  data: Uint8Array.from(values),
})

describe('what measures a model', () => {
  test('predict goes through more images than fit one batch, in order, and leaves nothing behind', async () => {
    const values = Array.from({length: 450}, (_, i) => [0, 100, 255][i % 3]!)
    const before = tf.memory().numTensors
    expect([...(await predict(byBrightness, pixels(...values)))]).toEqual(values.map((_, i) => i % 3))
    expect(tf.memory().numTensors).toBe(before)
  })

  test('accuracy is the share that is right', async () => {
    // Predicted 0 1 2 2: the third label is wrong.
    const labelled = {images: pixels(0, 100, 200, 255), labels: Int32Array.of(0, 1, 0, 2)}
    expect(await evaluate(byBrightness, labelled)).toEqual({accuracy: 0.75})
  })

  test('ASR is the share that is classified as the target', async () => {
    expect(await attackSuccessRate(byBrightness, pixels(0, 200, 255, 250, 230), 2)).toBe(0.8)
  })

  test('nothing can be said of no images', async () => {
    await expect(evaluate(byBrightness, {images: pixels(), labels: new Int32Array()})).rejects.toThrow(
      'no images',
    )
    await expect(attackSuccessRate(byBrightness, pixels(), 0)).rejects.toThrow('no attacked images')
  })
})
