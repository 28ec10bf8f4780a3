import {silent} from '@abd/core'
import {createRandom, openEngine} from '@abd/core/engine'
import type {CaptureOptions, Engine} from '@abd/core/engine'
import {tinyModel} from '@abd/core/testing'
import {captureInference} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {describe, expect, it} from 'vitest'

const engine = await openEngine('tensorflow').catch(() => null)
if (!engine) console.warn('SKIPPED: passes are captured on the tensorflow engine, which is not installed.')

const images = (count: number, seed: string) =>
  createRandom(seed).uniformTensor<tf.Tensor4D>([count, 8, 8, 3])

/** An engine that counts what goes through its captures. */
function counting(): {engine: Engine; passes: () => number} {
  let passes = 0
  const capture = (options: CaptureOptions) => {
    const captured = engine!.capture(options)
    return {
      run<T>(step: () => T): T {
        passes++
        return captured.run(step)
      },
      [Symbol.dispose]: () => captured[Symbol.dispose](),
    }
  }
  return {engine: {...engine!, capture}, passes: () => passes}
}

describe.skipIf(!engine)('logits that are asked for over and over', () => {
  it('are those of the model, also once they come from a graph', async () => {
    using model = tinyModel(createRandom('teacher'))
    const counted = counting()
    using captured = captureInference(model, {engine: counted.engine, progress: silent})
    for (let pass = 0; pass < 13; pass++) {
      const x = images(5, `batch ${pass}`)
      const [own, its] = [tf.tidy(() => model.logits(x)), tf.tidy(() => captured.logits(x))]
      const difference = tf.max(tf.abs(tf.sub(own, its)))

      expect((await difference.data())[0]).toBeLessThan(1e-5)
      tf.dispose([x, own, its, difference])
    }

    expect(counted.passes()).toBe(3)
  })

  it('count by the shape of the images: few of a kind are not worth a graph', () => {
    using model = tinyModel(createRandom('teacher'))
    const counted = counting()
    using captured = captureInference(model, {engine: counted.engine, progress: silent})
    const [one, two] = [images(1, 'one'), images(2, 'two')]
    for (let pass = 0; pass < 20; pass++) tf.tidy(() => captured.logits(pass % 2 ? one : two)).dispose()

    expect(counted.passes()).toBe(0)
    tf.dispose([one, two])
  })

  it('let a gradient through to the pixels, without a graph', async () => {
    using model = tinyModel(createRandom('teacher'))
    const counted = counting()
    using captured = captureInference(model, {engine: counted.engine, progress: silent})
    const x = images(2, 'x')
    for (let pass = 0; pass < 12; pass++) tf.tidy(() => captured.logits(x)).dispose()
    const before = counted.passes()
    const gradient = (of: typeof model) =>
      tf.tidy(() => tf.grad((at) => tf.sum(of.logits(at as tf.Tensor4D)))(x))
    const [own, its] = [gradient(model), gradient(captured)]

    expect(await its.array()).toEqual(await own.array())
    expect(counted.passes()).toBe(before)
    tf.dispose([x, own, its])
  })

  it('leave no tensors behind, and the model to whoever has it', async () => {
    using model = tinyModel(createRandom('teacher'))
    const x = images(3, 'x')
    const before = tf.memory().numTensors
    const captured = captureInference(model, {engine: engine!, progress: silent})
    for (let pass = 0; pass < 14; pass++) tf.tidy(() => captured.logits(x)).dispose()
    captured[Symbol.dispose]()

    expect(tf.memory().numTensors).toBe(before)
    expect(await tf.tidy(() => model.logits(x)).array()).toHaveLength(3)
    x.dispose()
  })
})
