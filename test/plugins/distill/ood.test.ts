import {silent} from '@abd/core'
import type {Defence} from '@abd/core'
import type {Engine} from '@abd/core/engine'
import {createRandom, openEngine} from '@abd/core/engine'
import {toTensor} from '@abd/core/data'
import {klMean, lossAndGradients} from '@abd/core/math'
import {createModel, createNetwork, wideResNet} from '@abd/core/nn'
import {changed, tinyModel, weightsOf} from '@abd/core/testing'
import {distil} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, test} from 'vitest'
import {ood} from '../../../plugins/distill/src/ood/ood.ts'
import {smallPicture} from './small-picture.ts'

const source = smallPicture()

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('auto')
})

const run = async (settings: Record<string, unknown>, defence: Defence = {}) => {
  const context = {
    engine,
    random: createRandom(5),
    progress: silent,
    signal: new AbortController().signal,
  }
  using teacher = tinyModel(createRandom('teacher'))
  using student = tinyModel(createRandom('student'))
  const options = ood.options.parse({
    source,
    patches: 12,
    batch: 4,
    epochs: 1,
    shift: 1,
    ...settings,
  })
  using distiller = ood.create(options, context)({teacher, student, defence})
  const first: number[] = []
  await distil(distiller, {context, label: 'ood', every: 1, onLosses: (_, {loss}) => first.push(loss!)})
  return {losses: first, steps: distiller.steps, weights: await weightsOf(student.network)}
}

/** Suspects the same rows of every batch. */
const suspecting = (rows: readonly number[], coefficient: number): Defence => ({
  suspects: () => ({mask: tf.tensor1d([...rows]), coefficient}),
})

describe('ood', () => {
  test('takes whole batches only: 14 patches by 4 are 3 steps an epoch', async () => {
    expect((await run({patches: 14, epochs: 2})).steps).toBe(6)
    expect((await run({patches: 3})).steps).toBe(1)
  })

  test('with sgd the first step goes down the gradient, and shortens the weights', async () => {
    const context = {engine, random: createRandom(5), progress: silent, signal: new AbortController().signal}
    using teacher = tinyModel(createRandom('teacher'))
    using student = tinyModel(createRandom('student'))
    const settings = {source, patches: 4, batch: 4, epochs: 1, temperature: 2, optimiser: 'sgd'}
    const options = ood.options.parse({...settings, learningRate: 0.1, schedule: 'constant', loss: 'mean'})
    using distiller = ood.create(options, context)({teacher, student, defence: {}})
    await distiller.prepare!()
    const before = student.network.trainable.map((variable) => tf.clone(variable))
    const batch = await distiller.sample(4)
    const x = tf.div<tf.Tensor4D>(tf.sub(toTensor(batch), 0.5), 0.25)
    const {architecture, parameters} = student.network
    const t = teacher.network.architecture.forward(teacher.network.parameters, x, 'eval').logits
    const {gradients} = lossAndGradients(student.network.trainable, () =>
      klMean(architecture.forward(parameters, x, 'train').logits, t, 2),
    )
    // b = g + λ w, w ← w - η b, with λ = 5e-4 and η = 0.1.
    const expected = before.map((w, i) => tf.sub(w, tf.mul(tf.add(gradients[i]!, tf.mul(w, 5e-4)), 0.1)))
    tf.dispose(distiller.step(0))
    for (const [i, variable] of student.network.trainable.entries()) {
      const [now, then, wanted] = await Promise.all([variable, before[i]!, expected[i]!].map((w) => w.data()))
      now!.forEach((value, k) => expect(value).toBeCloseTo(wanted![k]!, 6))
      expect([...now!]).not.toEqual([...then!])
    }
  })

  test("the reference's loss is the usual one over T² · C", async () => {
    // T² · C = 16 · 3 for KL in the mean over N · C against T² / N times its sum.
    const usual = (await run({temperature: 4})).losses[0]!
    const reference = (await run({temperature: 4, loss: 'mean'})).losses[0]!
    expect(usual).toBeGreaterThan(0)
    expect(reference).toBeCloseTo(usual / 48, 6)
  })

  test.each([
    {settings: {loss: 'mean'}, ratio: 1},
    {settings: {loss: 'mean', retrospection: 'batchmean'}, ratio: 640}, // T² · C = 8² · 10
    {settings: {loss: 'batchmean', retrospection: 'batchmean'}, ratio: 1},
  ])(
    'with $settings a defence that looks back measures in $ratio times the loss',
    async ({settings, ratio}) => {
      const context = {
        engine,
        random: createRandom(5),
        progress: silent,
        signal: new AbortController().signal,
      }
      const tenClasses = (seed: string) =>
        createModel(
          createNetwork(wideResNet({depth: 10, width: 1, classes: 10, input: [8, 8, 3]}), createRandom(seed)),
          {mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25]},
        )
      using teacher = tenClasses('teacher')
      using student = tenClasses('student')
      let measured: tf.Scalar | undefined
      const defence: Defence = {
        retrospect({x, teacherLogits, divergence}) {
          const {architecture, parameters} = student.network
          measured = tf.keep(divergence(architecture.forward(parameters, x, 'train').logits, teacherLogits))
          return undefined
        },
      }
      const options = ood.options.parse({
        source,
        patches: 4,
        batch: 4,
        epochs: 1,
        temperature: 8,
        ...settings,
      })
      using distiller = ood.create(options, context)({teacher, student, defence})
      await distiller.prepare!()
      const {loss} = tf.tidy(() => distiller.step(0))
      const [[apart], [own]] = await Promise.all([measured!.data(), loss!.data()])
      tf.dispose([measured!, loss!])
      expect(own).toBeGreaterThan(0)
      expect(apart! / own! / ratio).toBeCloseTo(1, 4)
    },
  )

  test('a defence that suspects nothing changes nothing', async () => {
    const plain = await run({})
    const defended = await run({}, suspecting([0, 0, 0, 0], 0.1))
    expect(defended.losses[0]).toBeCloseTo(plain.losses[0]!, 4)
  })

  test('climbs on suspects, weakly, and descends on the others', async () => {
    // Of four rows: kept mean k of two, suspects' mean s of two. All kept: (k + s) / 2. Both ways round:
    // k - 0.1 s and s - 0.1 k, whose sum is 0.9 (k + s).
    const all = (await run({})).losses[0]!
    const one = (await run({}, suspecting([0, 0, 1, 1], 0.1))).losses[0]!
    const other = (await run({}, suspecting([1, 1, 0, 0], 0.1))).losses[0]!
    expect(one + other).toBeCloseTo(0.9 * 2 * all, 3)
  })

  test('a batch of nothing but suspects gives a number, not NaN', async () => {
    const {losses, weights} = await run({}, suspecting([1, 1, 1, 1], 0.1))
    expect(losses[0]).toBeLessThan(0)
    for (const values of weights.values()) expect(values.every(Number.isFinite)).toBe(true)
  })

  test('shows the defence normalised images and the teacher’s own logits', async () => {
    const seen: {x: number[]; t: number[]; own: number[]}[] = []
    const context = {engine, random: createRandom(5), progress: silent, signal: new AbortController().signal}
    using teacher = tinyModel(createRandom('teacher'))
    using student = tinyModel(createRandom('student'))
    const pending: Promise<void>[] = []
    const defence: Defence = {
      suspects(x, t) {
        const {architecture, parameters} = teacher.network
        const own = architecture.forward(parameters, x, 'eval').logits
        const kept = [x, t, own].map((tensor) => tf.keep(tf.clone(tensor)))
        pending.push(
          Promise.all(kept.map((tensor) => tensor.data())).then(([a, b, c]) => {
            seen.push({x: [...a!], t: [...b!], own: [...c!]})
            tf.dispose(kept)
          }),
        )
        return {mask: tf.zeros([x.shape[0]]), coefficient: 0}
      },
    }
    const options = ood.options.parse({source, patches: 4, batch: 4, epochs: 1})
    using distiller = ood.create(options, context)({teacher, student, defence})
    await distil(distiller, {context, label: 'ood'})
    await Promise.all(pending)
    const [{x, t, own}] = seen as [(typeof seen)[number]]
    // (0 - 0.5) / 0.25 = -2 is black, 2 white.
    expect(Math.min(...x)).toBeGreaterThanOrEqual(-2)
    expect(Math.max(...x)).toBeLessThanOrEqual(2)
    expect(Math.max(...x) - Math.min(...x)).toBeGreaterThan(1)
    t.forEach((value, i) => expect(value).toBeCloseTo(own[i]!, 4))
  })

  test('flips, shifts and CutMix are drawn from the seed: without them the student becomes another', async () => {
    const usual = await run({})
    const still = await run({shift: 0, flip: false, cutMixProbability: 0})
    expect(changed(usual.weights, still.weights).length).toBeGreaterThan(0)
  })

  test.each(['cosine', 'step', 'constant'])('learns with the schedule %s', async (schedule) => {
    const {losses} = await run({schedule, epochs: 3})
    expect(losses.every(Number.isFinite)).toBe(true)
  })
})
