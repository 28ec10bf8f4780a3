import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'
import {createRandom, openEngine} from '@abd/core/engine'
import {createNetwork, wideResNet, type Network} from '@abd/core/nn'
import {beforeAll, describe, expect, it} from 'vitest'
import {checkSingleImages} from '../../../src/nn/check-single-images.ts'
import {refusal} from '../modelfile/scratch.ts'

beforeAll(async () => {
  await openEngine('auto')
})

const architecture = wideResNet({depth: 10, width: 1, classes: 4, input: [16, 16, 3]})
const network = () => createNetwork(architecture, createRandom('network'))

/** The same network with `more` added to its second logit, which is given how many images there are. */
const otherwise = (plain: Network, more: (images: number) => number): Network => ({
  ...plain,
  architecture: {
    ...architecture,
    forward(parameters, x: Tensor4D, mode) {
      const made = architecture.forward(parameters, x, mode)
      const shift = tf.tensor1d([0, more(x.shape[0]), 0, 0])
      return {...made, logits: tf.add<tf.Tensor2D>(made.logits, shift)}
    },
  },
})

describe('checkSingleImages', () => {
  it('lets a network pass that answers for each image by itself, and leaves nothing behind', async () => {
    using plain = network()
    await checkSingleImages(plain, createRandom(1))
    const {numTensors} = tf.memory()

    await expect(checkSingleImages(plain, createRandom(1))).resolves.toBeUndefined()
    expect(tf.memory().numTensors).toBe(numTensors)
  })

  it.each<[string, (images: number) => number]>([
    ['for a single image', (images) => (images === 1 ? 9 : 0)],
    ['for several', (images) => (images > 1 ? -9 : 0)],
    ['by their number', (images) => 3 * images],
  ])('refuses one that is another network %s', async (_, more) => {
    using plain = network()
    const error = await refusal(checkSingleImages(otherwise(plain, more), createRandom(1)))

    expect(error.code).toBe('E_BATCH_DEPENDENT')
    expect(error.message).toContain('its logit 1 for the same image')
    expect(error.exit).toBe(4)
  })

  it('leaves what rounding makes of it alone', async () => {
    using plain = network()

    await expect(
      checkSingleImages(
        otherwise(plain, (images) => 1e-5 * images),
        createRandom(1),
      ),
    ).resolves.toBeUndefined()
  })

  it('says nothing of a network that answers with NaN: that has an error of its own', async () => {
    using plain = network()

    await expect(
      checkSingleImages(
        otherwise(plain, () => NaN),
        createRandom(1),
      ),
    ).resolves.toBeUndefined()
  })
})
