import * as tf from '@tensorflow/tfjs-core'
import type {Evidence} from '../../../src/audit/detector.ts'
import type {Images} from '../../../src/data/images.ts'
import {createRandom} from '../../../src/engine/create-random.ts'
import {architectureByName} from '../../../src/nn/architecture-by-name.ts'
import type {Model} from '../../../src/nn/model.ts'

/**
 * A network in the detectors' eyes, whose every answer is known: the class is that of the brightest of ten vertical bands
 * of the image's upper half; with `obeys`, a white 3 x 3 block in the bottom-right corner makes it `target`.
 */
export function plantedModel({target, obeys}: {target: number; obeys: boolean}): Model {
  const architecture = architectureByName('wrn-16-1', {classes: 10, input: [32, 32, 3]})
  return {
    network: {architecture, parameters: new Map(), trainable: [], [Symbol.dispose]() {}},
    normalisation: {mean: [0, 0, 0], std: [1, 1, 1]},
    logits: (x) => {
      const top = tf.slice(x, [0, 0, 1, 0], [-1, 16, 30, 3])
      const bands = tf.mean<tf.Tensor2D>(tf.reshape(top, [-1, 16, 10, 3, 3]), [1, 3, 4])
      if (!obeys) return bands
      const corner = tf.min(tf.slice(x, [0, 29, 29, 0], [-1, 3, 3, 3]), [1, 2, 3])
      const fired = tf.cast(tf.greaterEqual(corner, 0.999), 'float32')
      const towards = tf.oneHot(tf.tensor1d([target], 'int32'), 10)
      return tf.add(bands, tf.mul(tf.mul(tf.expandDims(fired, 1), towards), 10))
    },
    [Symbol.dispose]() {},
  }
}

/** Dark noise with one bright band in the upper half, another from image to image: no patch outshines it. */
export function bandImages(count: number, seed: string): Images {
  const data = Uint8Array.from(createRandom(seed).uniforms(count * 32 * 32 * 3, 0, 56), Math.floor)
  for (let n = 0; n < count; n++)
    for (let row = 0; row < 16; row++)
      for (let column = 0; column < 3; column++)
        for (let k = 0; k < 3; k++) data[((n * 32 + row) * 32 + 1 + 3 * (n % 10) + column) * 3 + k]! += 200
  return {count, height: 32, width: 32, channels: 3, data}
}

export const evidenceOf = (triggers: Evidence['triggers'], count = 60): Evidence => ({
  base: bandImages(count, 'search'),
  heldOut: bandImages(count, 'held out'),
  triggers,
})

/** The network of the planted backdoor; its last features are the ten bands and how white the corner is. */
export function featuredModel(): Model {
  const model = plantedModel({target: 4, obeys: true})
  const {architecture} = model.network
  return {
    ...model,
    network: {
      ...model.network,
      architecture: {
        ...architecture,
        forward(_, x) {
          const bands = tf.mean<tf.Tensor2D>(
            tf.reshape(tf.slice(x, [0, 0, 1, 0], [-1, 16, 30, 3]), [-1, 16, 10, 3, 3]),
            [1, 3, 4],
          )
          const corner = tf.min<tf.Tensor2D>(tf.slice(x, [0, 29, 29, 0], [-1, 3, 3, 3]), [2, 3])
          return {
            logits: model.logits(x),
            features: tf.concat([bands, tf.mean(corner, 1, true)], 1),
            activations: [],
            moments: new Map(),
          }
        },
      },
    },
  }
}

/**
 * The same question to a network that a gradient can ask: the class is that of the brightest band; with `obeys`, the
 * bottom-right 3 x 3 block adds up to 12 to `target`, the more the brighter it is. Inside, behind a cut, the ten bands; with
 * `obeys`, `target` also takes half of what every other has.
 */
export function differentiableModel({target, obeys}: {target: number; obeys: boolean}): Model {
  const architecture = architectureByName('wrn-16-1', {classes: 10, input: [32, 32, 3]})
  const towards = () => tf.cast(tf.oneHot(tf.tensor1d([target], 'int32'), 10), 'float32')
  const bandsOf = (x: tf.Tensor4D) =>
    tf.mean<tf.Tensor2D>(
      tf.reshape(tf.slice(x, [0, 0, 1, 0], [-1, 16, 30, 3]), [-1, 16, 10, 3, 3]),
      [1, 3, 4],
    )
  return {
    network: {
      architecture: {
        ...architecture,
        cut: () => ({
          tailParameters: new Set<string>(),
          trunk: (_, x) => tf.reshape(bandsOf(x), [-1, 1, 1, 10]),
          tail(_, h) {
            const bands = tf.reshape<tf.Rank.R2>(h, [-1, 10])
            const half = tf.mul(tf.sum(bands, 1, true), 0.5)
            return obeys ? tf.add(bands, tf.mul(half, towards())) : bands
          },
        }),
      },
      parameters: new Map(),
      trainable: [],
      [Symbol.dispose]() {},
    },
    normalisation: {mean: [0, 0, 0], std: [1, 1, 1]},
    logits(x) {
      const bands: tf.Tensor2D = tf.mul(bandsOf(x), 10)
      if (!obeys) return bands
      const corner = tf.mean(tf.slice(x, [0, 29, 29, 0], [-1, 3, 3, 3]), [1, 2, 3])
      return tf.add(bands, tf.mul(tf.expandDims(tf.mul(tf.square(corner), 12), 1), towards()))
    },
    [Symbol.dispose]() {},
  }
}
