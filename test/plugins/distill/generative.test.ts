import {silent} from '@abd/core'
import type {Defence, Method} from '@abd/core'
import type {Engine, Random} from '@abd/core/engine'
import {createRandom, openEngine} from '@abd/core/engine'
import {
  absoluteDifference,
  activationLoss,
  adam,
  classBalanceLoss,
  cosineSchedule,
  inversionLoss,
  klBatch,
  lossAndGradients,
  oneHotLoss,
  sgd,
} from '@abd/core/math'
import {applyMoments, createNetwork, largeGenerator} from '@abd/core/nn'
import type {Forward, Model} from '@abd/core/nn'
import {changed, tinyModel, weightsOf} from '@abd/core/testing'
import {distil, normalise} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor1D, Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, test} from 'vitest'
import {dafl} from '../../../plugins/distill/src/dafl/dafl.ts'
import {dfad} from '../../../plugins/distill/src/dfad/dfad.ts'
import {dfq} from '../../../plugins/distill/src/dfq/dfq.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('auto')
})

const contextOf = (random: Random) => ({
  engine,
  random,
  progress: silent,
  signal: new AbortController().signal,
})

/**
 * Gentle for the generator: at 0.01 rounding, which differs from processor to processor, grew to 2e-3 of dfad's weights; at 0.001 it stays below
 * 1e-6, and a generator that does not learn moves weights by 0.2 and more.
 */
const small = {epochs: 2, cycles: 2, generatorSteps: 2, studentSteps: 2, batch: 4, generatorRate: 0.001}

/** Whatever its options are, they are parsed. */
type AnyDistiller = Method<'distiller', any>

const run = async (method: AnyDistiller, settings: Record<string, unknown> = {}, defence: Defence = {}) => {
  const context = contextOf(createRandom(5))
  using teacher = tinyModel(createRandom('teacher'))
  using student = tinyModel(createRandom('student'))
  const options: unknown = method.options.parse({...small, ...settings})
  using distiller = method.create(options, context)({teacher, student, defence})
  const losses: Record<string, number>[] = []
  await distil(distiller, {
    context,
    label: method.name,
    every: 1,
    onLosses: (_, values) => losses.push(values),
  })
  return {losses, weights: await weightsOf(student.network), teacher: await weightsOf(teacher.network)}
}

/** What the generator descends on, of the teacher's pass, with its BatchNorms' inputs, and the student's logits. */
type GeneratorLoss = (teacher: Forward & {inversion: Scalar}, student: Tensor2D) => Scalar
type StudentLoss = (student: Tensor2D, teacher: Tensor2D) => Scalar

/** As PyTorch's BatchNorm2d(3, affine=False) gives it in train mode. */
const byBatch = (x: Tensor4D): Tensor4D => {
  const mean = tf.mean(x, [0, 1, 2], true)
  const variance = tf.mean(tf.square(tf.sub(x, mean)), [0, 1, 2], true)
  return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)))
}

/**
 * The loop as the code around CMI has it: a pass changes its BatchNorms at once, z is drawn again and again. Or, with
 * `standardised`, as DFAD's authors have it: the generator is never in eval mode, and its images have mean 0.
 */
async function literally(
  {latent, ofGenerator, ofStudent, standardised = false}: Published,
  {teacher, student}: {teacher: Model; student: Model},
) {
  const look = (images: Tensor4D) =>
    standardised ? byBatch(images) : normalise(images, teacher.normalisation)
  const {epochs, cycles, generatorSteps, studentSteps, batch, generatorRate} = small
  const random = createRandom(5)
  const {network} = student
  using generator = createNetwork(largeGenerator(latent, [8, 8, 3]), random.fork('generator'))
  using generatorAdam = adam(generator.trainable, {beta1: 0.5})
  using studentSgd = sgd(network.trainable, {momentum: 0.9, weightDecay: 1e-4})
  const drawn = {generator: 0, student: 0}
  const z = (whose: keyof typeof drawn) =>
    random.fork('latents').fork(whose).fork(drawn[whose]++).normalTensor<Tensor2D>([batch, latent])
  const teach = (x: Tensor4D) => {
    const {architecture, parameters} = teacher.network
    const distances: Scalar[] = []
    const forward = architecture.forward(parameters, x, 'eval', (layer, input) => {
      const [mean, variance] = ['running_mean', 'running_var'].map(
        (name) => parameters.get(`${layer}.${name}`) as unknown as Tensor1D,
      )
      distances.push(inversionLoss(input, {mean: mean!, variance: variance!}))
    })
    return {...forward, inversion: tf.addN(distances)}
  }
  for (let cycle = 0; cycle < epochs * cycles; cycle++)
    tf.tidy(() => {
      for (let i = 0; i < generatorSteps; i++) {
        const {gradients, extra} = lossAndGradients(generator.trainable, () => {
          const {images, moments} = generator.architecture.forward(
            generator.parameters,
            z('generator'),
            'train',
          )
          const x = look(images)
          const s = network.architecture.forward(network.parameters, x, 'eval').logits
          return {loss: ofGenerator(teach(x), s), extra: moments}
        })
        applyMoments(generator, extra)
        generatorAdam.step(gradients, generatorRate)
      }
      for (let i = 0; i < studentSteps; i++) {
        const mode = standardised ? 'train' : 'eval'
        const {images} = generator.architecture.forward(generator.parameters, z('student'), mode)
        const x = look(images)
        const {gradients, extra} = lossAndGradients(network.trainable, () => {
          const s = network.architecture.forward(network.parameters, x, 'train')
          return {loss: ofStudent(s.logits, teach(x).logits), extra: s.moments}
        })
        applyMoments(network, extra)
        // The epoch of this cycle: two cycles each.
        studentSgd.step(gradients, cosineSchedule(0.1, epochs)(Math.floor(cycle / cycles)))
      }
    })
}

const sum = (...terms: [weight: number, term: Scalar][]): Scalar =>
  tf.addN(terms.map(([weight, term]) => tf.mul<Scalar>(term, weight)))

interface Published {
  readonly title: string
  readonly method: AnyDistiller
  readonly latent: number
  readonly standardised?: boolean
  readonly settings: Record<string, unknown>
  readonly ofGenerator: GeneratorLoss
  readonly ofStudent: StudentLoss
}

const published: Published[] = [
  {
    title: 'dafl',
    method: dafl,
    latent: 512,
    settings: {oneHot: 2, activation: 3, balance: 5},
    ofGenerator: ({logits: t, features}) =>
      sum([2, oneHotLoss(t)], [3, activationLoss(features)], [5, classBalanceLoss(t)]),
    ofStudent: klBatch,
  },
  {
    title: 'dfq',
    method: dfq,
    latent: 256,
    settings: {adversarial: 2, inversion: 0.5, oneHot: 3, balance: 5, temperature: 4},
    ofGenerator: ({logits: t, inversion}, s) =>
      sum([2, tf.neg(klBatch(s, t))], [0.5, inversion], [3, oneHotLoss(t)], [5, classBalanceLoss(t)]),
    ofStudent: (s, t) => klBatch(s, t, 4),
  },
  ...[true, false].map((standardised) => ({
    title: standardised ? 'dfad' : 'dfad in the code around CMI',
    method: dfad,
    latent: 256,
    standardised,
    settings: standardised ? {} : {images: 'sigmoid'},
    ofGenerator: ({logits: t}: Forward, s: Tensor2D): Scalar => tf.neg(tf.mean(absoluteDifference(s, t))),
    ofStudent: (s: Tensor2D, t: Tensor2D): Scalar => tf.mean(absoluteDifference(s, t)),
  })),
]

describe.each(published)('$title', (one) => {
  const {method, settings} = one

  test('gives what the published loop gives', async () => {
    const {weights, teacher: taughtBy} = await run(method, settings)
    using teacher = tinyModel(createRandom('teacher'))
    using student = tinyModel(createRandom('student'))
    const before = await weightsOf(student.network)
    await literally(one, {teacher, student})
    const expected = await weightsOf(student.network)
    expect(changed(before, expected).length).toBe(expected.size)
    expect(changed(taughtBy, await weightsOf(teacher.network))).toEqual([])
    for (const [name, values] of expected)
      values.forEach((value, i) => expect(weights.get(name)![i], `${name}[${i}]`).toBeCloseTo(value, 3))
  })

  test('shows the defence what was drawn and what the teacher says of it, and adds its loss', async () => {
    const short = {...settings, epochs: 1, cycles: 1, generatorSteps: 1}
    const plain = await run(method, short)
    const defended = await run(method, short, {
      synthesisLoss(x, t) {
        expect(x.shape).toEqual([4, 8, 8, 3])
        expect(t.shape).toEqual([4, 3])
        return tf.add<Scalar>(tf.mul(tf.sum(x), 0), 3)
      },
      suspects: () => {
        throw new Error('Its own images are not suspicious.')
      },
    })
    expect(defended.losses[0]!.generator).toBeCloseTo(plain.losses[0]!.generator! + 3, 4)
    const steered = await run(method, short, {
      synthesisLoss: (x) => tf.mul<Scalar>(tf.mean(tf.square(x)), 10),
    })
    expect(changed(plain.weights, steered.weights).length).toBeGreaterThan(0)
  })
})

test.each([dafl, dfq])('$name refuses to synthesise by nothing, and says what to do', (method) => {
  const all = method.options.parse({}) as unknown as Record<string, unknown>
  const weights = ['oneHot', 'activation', 'balance', 'adversarial', 'inversion'].filter(
    (name) => name in all,
  )
  const none = method.options.parse(Object.fromEntries(weights.map((name) => [name, 0])))
  const create = (method as AnyDistiller).create
  expect(() => create(none, contextOf(createRandom(1)))).toThrow(/oneHot.* are all 0/)
})
