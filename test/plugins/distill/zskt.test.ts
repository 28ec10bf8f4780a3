import {silent} from '@abd/core'
import type {Defence} from '@abd/core'
import type {Engine, Random} from '@abd/core/engine'
import {createRandom, openEngine} from '@abd/core/engine'
import {
  adam,
  attentionLoss,
  attentionMap,
  clipByGlobalNorm,
  cosineSchedule,
  klMean,
  lossAndGradients,
} from '@abd/core/math'
import {applyMoments, createModel, createNetwork, iBauVgg, zsktGenerator} from '@abd/core/nn'
import type {Model} from '@abd/core/nn'
import {changed, tinyModel, weightsOf} from '@abd/core/testing'
import {distil} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, test} from 'vitest'
import {selfRetrospection} from '../../../plugins/defend/src/self-retrospection/self-retrospection.ts'
import {zskt} from '../../../plugins/distill/src/zskt/zskt.ts'
import {resumableRun} from '../../../src/train/resumable-run.ts'

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
const small = {cycles: 2, batch: 4, studentSteps: 3}

const run = async (settings: Record<string, unknown> = {}, defence: Defence = {}) => {
  const context = contextOf(createRandom(5))
  using teacher = tinyModel(createRandom('teacher'))
  using student = tinyModel(createRandom('student'))
  using distiller = zskt.create(
    zskt.options.parse({...small, ...settings}),
    context,
  )({
    teacher,
    student,
    defence,
  })
  const losses: Record<string, number>[] = []
  await distil(distiller, {context, label: 'zskt', every: 1, onLosses: (_, values) => losses.push(values)})
  return {losses, weights: await weightsOf(student.network)}
}

/** ZSKT as it was published: every iteration draws, teaches and asks both networks anew. */
async function literally(
  {teacher, student}: {teacher: Model; student: Model},
  {cycles, batch, studentSteps, generatorSteps}: typeof small & {generatorSteps: number},
  random: Random,
) {
  const {network} = student
  using generator = createNetwork(zsktGenerator([8, 8, 3]), random.fork('generator'))
  using ofStudent = adam(network.trainable)
  using ofGenerator = adam(generator.trainable)
  for (let cycle = 0; cycle < cycles; cycle++)
    tf.tidy(() => {
      const z = random.fork('latents').fork(cycle).normalTensor<tf.Tensor2D>([batch, 100])
      for (let iteration = 0; iteration < generatorSteps + studentSteps; iteration++) {
        const learner = iteration < generatorSteps ? generator : network
        const {gradients, extra} = lossAndGradients(learner.trainable, () => {
          const {images, moments} = generator.architecture.forward(generator.parameters, z, 'train')
          const s = network.architecture.forward(network.parameters, images, 'train')
          const t = teacher.network.architecture.forward(teacher.network.parameters, images, 'eval')
          const kl = klMean(s.logits, t.logits)
          const attention = attentionLoss(s.activations, t.activations.map(attentionMap))
          return {
            loss:
              iteration < generatorSteps
                ? tf.neg<tf.Scalar>(kl)
                : tf.add<tf.Scalar>(kl, tf.mul(250, attention)),
            extra: [moments, s.moments] as const,
          }
        })
        const [optimiser, rate] =
          iteration < generatorSteps ? ([ofGenerator, 1e-3] as const) : ([ofStudent, 2e-3] as const)
        optimiser.step(clipByGlobalNorm(gradients, 5), cosineSchedule(rate, cycles)(cycle))
        applyMoments(generator, extra[0])
        applyMoments(network, extra[1])
      }
    })
}

describe('zskt', () => {
  test.each([1, 2])(
    'gives what the published loop gives, %i steps of the generator',
    async (generatorSteps) => {
      const {weights} = await run({generatorSteps})
      using teacher = tinyModel(createRandom('teacher'))
      using student = tinyModel(createRandom('student'))
      const before = await weightsOf(student.network)
      await literally({teacher, student}, {...small, generatorSteps}, createRandom(5))
      const expected = await weightsOf(student.network)
      expect(changed(before, expected).length).toBe(expected.size)
      for (const [name, values] of expected)
        values.forEach((value, i) => expect(weights.get(name)![i], `${name}[${i}]`).toBeCloseTo(value, 3))
    },
  )

  test.each([
    {after: 1, generatorSteps: 1},
    {after: 2, generatorSteps: 1},
    {after: 3, generatorSteps: 1},
    {after: 1, generatorSteps: 2},
    {after: 3, generatorSteps: 2},
  ])(
    'left after part $after of a cycle ($generatorSteps of the generator), it goes on to the same student',
    async (one) => {
      const {after, generatorSteps} = one
      const context = contextOf(createRandom(5))
      const start = () => {
        const teacher = tinyModel(createRandom('teacher'))
        const student = tinyModel(createRandom('student'))
        const options = selfRetrospection.options.parse({start: 0, rounds: 2})
        const defence = selfRetrospection.create(options, context)({teacher, student})
        const parsed = zskt.options.parse({...small, generatorSteps})
        const distiller = zskt.create(parsed, context)({teacher, student, defence})
        return {
          student,
          distiller,
          state: resumableRun({student, distiller, defence}),
          [Symbol.dispose]() {
            for (const piece of [distiller, teacher, student]) piece[Symbol.dispose]()
          },
        }
      }
      const before = engine.memory().tensors
      const run = {context, label: 'zskt', every: 1}
      {
        using whole = start()
        const losses = await distil(whole.distiller, run)
        using left = start()
        const cycle = left.distiller.parts!(0, 0)
        for (let part = 0; part < after; part++) cycle.next()
        cycle.return({})
        using resumed = start()
        await resumed.state.restore(await left.state.save())
        expect(await distil(resumed.distiller, {...run, fromPart: after})).toEqual(losses)
        const expected = await weightsOf(whole.student.network)
        expect(changed(expected, await weightsOf(resumed.student.network))).toEqual([])
      }
      expect(engine.memory().tensors, 'tensors left behind').toBe(before)
    },
  )

  test('what is evaluated for the log after a step moves running statistics, and no weights', async () => {
    const lookingBack = async (logsAfter: boolean) => {
      const context = contextOf(createRandom(5))
      using teacher = tinyModel(createRandom('teacher'))
      using student = tinyModel(createRandom('student'))
      const options = selfRetrospection.options.parse({start: 0, rounds: 2, logsAfter})
      const defence = selfRetrospection.create(options, context)({teacher, student})
      using distiller = zskt.create(zskt.options.parse(small), context)({teacher, student, defence})
      const losses = await distil(distiller, {context, label: 'zskt', every: 1})
      return {losses, weights: await weightsOf(student.network)}
    }
    const [plain, logged] = [await lookingBack(false), await lookingBack(true)]
    const moved = changed(plain.weights, logged.weights)
    expect(moved).toEqual([...plain.weights.keys()].filter((name) => name.includes('running_')))
    expect(logged.losses['loss']).toBe(plain.losses['loss'])
    expect(logged.losses['retrospection']).not.toBe(plain.losses['retrospection'])
  })

  test('its generator climbs: after its step student and teacher disagree more on what it draws from one z', async () => {
    const context = contextOf(createRandom(5))
    using teacher = tinyModel(createRandom('teacher'))
    using student = tinyModel(createRandom('student'))
    const {architecture, parameters} = student.network
    const apart: tf.Scalar[] = []
    const measure = (x: tf.Tensor4D, t: tf.Tensor2D) => {
      apart.push(tf.keep(klMean(architecture.forward(parameters, x, 'train').logits, t)))
    }
    const watching: Defence = {
      synthesisLoss(x, t) {
        measure(x, t)
        return tf.mul<tf.Scalar>(tf.sum(x), 0)
      },
      retrospect: ({x, teacherLogits}) => void measure(x, teacherLogits),
    }
    using distiller = zskt.create(
      zskt.options.parse({...small, cycles: 1}),
      context,
    )({teacher, student, defence: watching})
    await distil(distiller, {context, label: 'zskt'})
    const [before, after] = await Promise.all(apart.map(async (each) => (await each.data())[0]!))
    tf.dispose(apart)
    expect(before).toBeGreaterThan(0)
    expect(after).toBeGreaterThan(before!)
  })

  test('attention weighs in with β', async () => {
    const [none, some, twice] = await Promise.all(
      [0, 100, 200].map(
        async (attention) => (await run({attention, cycles: 1, studentSteps: 1})).losses[0]!.loss!,
      ),
    )
    expect(some).toBeGreaterThan(none!)
    expect(twice! - none!).toBeCloseTo(2 * (some! - none!), 3)
  })

  test('shows the defence what was drawn and what the teacher says of it, and adds its loss', async () => {
    const plain = await run({cycles: 1})
    const defended = await run(
      {cycles: 1},
      {
        synthesisLoss(x, t) {
          expect(x.shape).toEqual([4, 8, 8, 3])
          expect(t.shape).toEqual([4, 3])
          return tf.add<tf.Scalar>(tf.mul(tf.sum(x), 0), 3)
        },
      },
    )
    expect(defended.losses[0]!.generator).toBeCloseTo(plain.losses[0]!.generator! + 3, 4)
    const steered = await run(
      {cycles: 1},
      {synthesisLoss: (x) => tf.mul<tf.Scalar>(tf.mean(tf.square(x)), 10)},
    )
    expect(changed(plain.weights, steered.weights).length).toBeGreaterThan(0)
  })

  test('a student that wants its images otherwise normalised gets them so', async () => {
    const context = contextOf(createRandom(5))
    using teacher = tinyModel(createRandom('teacher'))
    const losses = []
    for (const std of [0.25, 0.5]) {
      using student = createModel(tinyModel(createRandom('student')).network, {
        mean: [0.5, 0.5, 0.5],
        std: [std, std, std],
      })
      using distiller = zskt.create(
        zskt.options.parse({...small, attention: 0}),
        context,
      )({
        teacher,
        student,
        defence: {},
      })
      losses.push((await distil(distiller, {context, label: 'zskt'})).loss)
    }
    expect(losses[0]).not.toBe(losses[1])
  })

  test('refuses to compare attention where the sizes differ, and says what to do', () => {
    const context = contextOf(createRandom(5))
    using teacher = tinyModel(createRandom('teacher'))
    using student = createModel(
      createNetwork(iBauVgg({classes: 3, input: [8, 8, 3]}), createRandom('student')),
      teacher.normalisation,
    )
    const create = (attention: number) =>
      zskt.create(zskt.options.parse({...small, attention}), context)({teacher, student, defence: {}})
    expect(() => create(250)).toThrow('does not compare')
    expect(() => create(0)[Symbol.dispose]()).not.toThrow()
  })
})
