import {silent} from '@abd/core'
import type {LabelledImages} from '@abd/core/data'
import type {Engine} from '@abd/core/engine'
import {createRandom, openEngine} from '@abd/core/engine'
import {capturedTraining, changed, tinyModel, weightsOf} from '@abd/core/testing'
import type {StateDict} from '@abd/core/modelfile'
import type {Epoch, Resumable} from '@abd/core/train'
import {trainClassifier, TrainingOptions} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, test} from 'vitest'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('auto')
})

/** Red, green and blue images of 8 x 8, in turn, with noise. */
function colours(count: number): LabelledImages {
  const random = createRandom('colours')
  const data = Uint8Array.from({length: count * 192}, (_, i) =>
    Math.floor(i / 192) % 3 === i % 3 ? 150 + random.integer(100) : random.integer(100),
  )
  const labels = Int32Array.from({length: count}, (_, i) => i % 3)
  return {images: {count, height: 8, width: 8, channels: 3, data}, labels}
}

const contextOf = (signal = new AbortController().signal) => ({
  engine,
  random: createRandom(1),
  progress: silent,
  signal,
})

const small = {epochs: 3, batch: 10, shift: 1, learningRate: 0.05}

async function train(settings: Record<string, unknown> = {}) {
  using model = tinyModel(createRandom('fresh'))
  const before = await weightsOf(model.network)
  const epochs: Epoch[] = []
  const data = {
    train: colours(60),
    test: colours(15),
    attacked: {images: colours(3).images, labels: Int32Array.of(1, 1, 1)},
  }
  for await (const epoch of trainClassifier(model, data, {
    options: TrainingOptions.parse({...small, ...settings}),
    context: contextOf(),
  }))
    epochs.push(epoch)
  return {epochs, before, after: await weightsOf(model.network)}
}

describe('trainClassifier', () => {
  test('learns to tell colours apart, and says after each epoch how well', async () => {
    const {epochs, before, after} = await train()
    expect(epochs.map(({epoch}) => epoch)).toEqual([1, 2, 3])
    expect(epochs.at(-1)!.loss).toBeLessThan(epochs[0]!.loss)
    expect(epochs.at(-1)!.accuracy).toBeGreaterThan(0.9)
    // One of three "attacked" images is of class 1: once all are told apart, a third is taken for it.
    expect(epochs.at(-1)!.asr).toBeCloseTo(1 / 3, 6)
    expect(changed(before, after)).toContain('bn1.running_mean')
    expect(changed(before, after)).toContain('conv1.weight')
  })

  test('the same seed gives the same network', async () => {
    const [once, again] = [await train({epochs: 1}), await train({epochs: 1})]
    expect(changed(once.after, again.after)).toEqual([])
    expect(once.epochs).toEqual(again.epochs)
  })

  test('leaves nothing behind, whether it ends, is left or is aborted', async () => {
    using model = tinyModel(createRandom('fresh'))
    const data = {train: colours(20), test: colours(3)}
    const before = tf.memory().numTensors
    const options = TrainingOptions.parse(small)
    for await (const _ of trainClassifier(model, data, {options, context: contextOf()})) break
    expect(tf.memory().numTensors).toBe(before)

    const abort = new AbortController()
    const aborted = async () => {
      for await (const _ of trainClassifier(model, data, {options, context: contextOf(abort.signal)}))
        abort.abort(new Error('interrupted'))
    }
    await expect(aborted()).rejects.toThrow('interrupted')
    expect(tf.memory().numTensors).toBe(before)
  })

  test.each(['sgd', 'adam'])('taken up after an epoch, %s goes on to the same network', async (optimiser) => {
    const data = {train: colours(60), test: colours(15)}
    const options = TrainingOptions.parse({...small, optimiser, learningRate: 0.01})
    const settings = {options, context: contextOf()}
    using whole = tinyModel(createRandom('fresh'))
    const epochs: Epoch[] = []
    let state: Resumable | undefined
    let saved: StateDict = new Map()
    const begin = (it: Resumable) => {
      state = it
      return Promise.resolve(0)
    }
    for await (const epoch of trainClassifier(whole, data, {...settings, begin})) {
      epochs.push(epoch)
      if (epoch.epoch === 1) saved = await state!.save()
    }

    using other = tinyModel(createRandom('another'))
    const again: Epoch[] = []
    const goOn = async (it: Resumable) => {
      await it.restore(saved)
      return 1
    }
    for await (const epoch of trainClassifier(other, data, {...settings, begin: goOn})) again.push(epoch)

    expect(again).toEqual(epochs.slice(1))
    expect(changed(await weightsOf(whole.network), await weightsOf(other.network))).toEqual([])
  })

  test('too few images for a batch are an error, not an epoch of nothing', async () => {
    using model = tinyModel(createRandom('fresh'))
    const data = {train: colours(6), test: colours(3)}
    const epochs = trainClassifier(model, data, {options: TrainingOptions.parse(small), context: contextOf()})
    await expect(epochs.next()).rejects.toThrow('6 training images do not fill a batch of 10')
  })

  test('learns from images that are harder, the more so the larger the radius', async () => {
    // A rate at which nothing is learnt: the loss of an epoch is that of the first weights on what they are shown.
    const lossOf = async (adversarial: number) => {
      const {epochs} = await train({adversarial, epochs: 1, learningRate: 1e-9})
      return epochs[0]!.loss
    }
    const [plain, little, much] = [await lossOf(0), await lossOf(4), await lossOf(16)]
    expect(little).toBeGreaterThan(plain)
    expect(much).toBeGreaterThan(little)
  })
})

describe('the steps of a training', () => {
  for (const {name, check} of capturedTraining(() => engine)) test(name, check)
})
