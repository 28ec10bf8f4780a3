import {silent} from '@abd/core'
import type {StudentBatch} from '@abd/core'
import type {Engine} from '@abd/core/engine'
import {createRandom, openEngine} from '@abd/core/engine'
import {klMean} from '@abd/core/math'
import {applyMoments} from '@abd/core/nn'
import type {Model} from '@abd/core/nn'
import {tinyModel, weightsOf} from '@abd/core/testing'
import {descend, lossAfter} from '@abd/core/train'
import type {Tensor4D} from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, test} from 'vitest'
import {selfRetrospection} from '../../../plugins/defend/src/self-retrospection/self-retrospection.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('auto')
})

const images = () => createRandom('images').normalTensor<Tensor4D>([6, 8, 8, 3])

const scene = (settings: Record<string, unknown>) => {
  const teacher = tinyModel(createRandom('teacher'))
  const student = tinyModel(createRandom('student'))
  const context = {engine, random: createRandom(3), progress: silent, signal: new AbortController().signal}
  const options = selfRetrospection.options.parse({start: 0, rounds: 3, ...settings})
  const defence = selfRetrospection.create(options, context)({teacher, student})
  return {teacher, student, retrospect: (batch: StudentBatch) => defence.retrospect!(batch)}
}

const batchOf = (x: Tensor4D, teacher: Model, index = 0): StudentBatch => ({
  x,
  teacherLogits: teacher.network.architecture.forward(teacher.network.parameters, x, 'eval').logits,
  index,
  steps: 10,
  divergence: (s, t) => klMean(s, t),
})

const variants = [
  {name: 'a perturbation of the teacher', settings: {}, clipped: false, passes: 4},
  {name: 'one of the student', settings: {from: 'student'}, clipped: false, passes: 4 + 2 * 3},
  {name: 'a target that is not fixed', settings: {fixedTarget: false}, clipped: false, passes: 4},
  {name: 'no hypergradient', settings: {hypergradient: false, rounds: 2}, clipped: true, passes: 2 + 2 * 2},
]

describe('self_retrospection', () => {
  test.each(variants)('with $name: $passes passes, each noted', ({settings, clipped, passes}) => {
    const {teacher, student, retrospect} = scene(settings)
    tf.tidy(() => {
      const correction = retrospect(batchOf(images(), teacher))!.correct(0)
      expect(correction.moments).toHaveLength(passes)
      expect(correction.clipped).toBe(clipped)
      expect(correction.gradients.map(({shape}) => shape)).toEqual(
        student.network.trainable.map(({shape}) => shape),
      )
    })
    teacher[Symbol.dispose]()
    student[Symbol.dispose]()
  })

  test.each(variants)('with $name: steps down it make the student steadier', async ({settings}) => {
    // Noise enough that an untrained student is moved by it.
    const {teacher, student, retrospect} = scene({...settings, noise: 1})
    const losses: number[] = []
    for (let step = 0; step < 12; step++) {
      const loss = tf.tidy(() => {
        // The same batch and the same draws each time: what changes is the student.
        const correction = retrospect(batchOf(images(), teacher))!.correct(0)
        student.network.trainable.forEach((variable, i) =>
          variable.assign(tf.sub(variable, tf.mul(correction.gradients[i]!, 0.5))),
        )
        return correction.loss
      })
      losses.push((await loss.data())[0]!)
      loss.dispose()
    }
    expect(losses[0]).toBeGreaterThan(0)
    expect(losses.at(-1)).toBeLessThan(losses[0]!)
    teacher[Symbol.dispose]()
    student[Symbol.dispose]()
  })

  test('without curvature the gradient is nearly the same', async () => {
    const gradient = async (settings: Record<string, unknown>) => {
      const {teacher, student, retrospect} = scene({noise: 1, ...settings})
      const all = tf.tidy(() => {
        const {gradients} = retrospect(batchOf(images(), teacher))!.correct(0)
        return tf.concat(gradients.map((each) => tf.reshape(each, [-1])))
      })
      const values = [...(await all.data())]
      all.dispose()
      for (const model of [teacher, student]) model[Symbol.dispose]()
      return values
    }
    const [exact, straight] = [await gradient({}), await gradient({curvature: false})]
    const apart = Math.hypot(...exact.map((value, i) => value - straight[i]!)) / Math.hypot(...exact)
    expect(apart).toBeGreaterThan(0)
    expect(apart).toBeLessThan(1e-3)
  })

  test('sets in after its share of the steps', () => {
    const {teacher, student, retrospect} = scene({start: 0.5})
    tf.tidy(() => {
      expect(retrospect(batchOf(images(), teacher, 4))).toBeUndefined()
      expect(retrospect(batchOf(images(), teacher, 5))).toBeDefined()
    })
    teacher[Symbol.dispose]()
    student[Symbol.dispose]()
  })

  test.each([
    {logsAfter: false, logged: []},
    {logsAfter: true, logged: ['clean', 'perturbed']},
  ])('with logsAfter $logsAfter a step leaves what its passes, one after the other, would', async (one) => {
    const {teacher, student, retrospect} = scene({share: 1, logsAfter: one.logsAfter})
    const {network} = student
    const plain = tinyModel(createRandom('student'))
    tf.tidy(() => {
      const x = images()
      const correction = retrospect(batchOf(x, teacher))!.correct(0)
      // Nothing learnt: only the statistics move.
      const optimiser = {
        step: () => undefined,
        next: () => [],
        change: () => undefined,
        state: {steps: 0, averages: []},
        [Symbol.dispose]: () => undefined,
      }
      descend({network, optimiser, learningRate: 0, correction}, x, ({logits}) => tf.mean(logits))
      lossAfter(network, correction)
      const [, perturbed] = correction.moments
      const once = (on: Model) => on.network.architecture.forward(on.network.parameters, x, 'train').moments
      // clean, perturbed (all rows: the same in both losses), clean, perturbed, and the distillation's own pass.
      // Where it is evaluated again for the log, two more: of the seven three are perturbed.
      for (const pass of ['clean', 'perturbed', 'clean', 'perturbed', 'clean', ...one.logged]) {
        const moments =
          pass === 'clean'
            ? once(plain)
            : new Map(
                [...perturbed!].map(([name, value]) => {
                  // The pass started from a fresh network's statistics, 0 or 1: r = 0.9 r₀ + 0.1 μ
                  const fresh = name.endsWith('running_var') ? 1 : 0
                  const batch = tf.div(tf.sub(value, 0.9 * fresh), 0.1)
                  return [name, tf.add(tf.mul(plain.network.parameters.get(name)!, 0.9), tf.mul(batch, 0.1))]
                }),
              )
        applyMoments(plain.network, moments)
      }
    })
    const expected = await weightsOf(plain.network)
    for (const [name, values] of await weightsOf(network))
      if (name.includes('running_'))
        values.forEach((value, i) => expect(value, name).toBeCloseTo(expected.get(name)![i]!, 4))
    for (const model of [teacher, student, plain]) model[Symbol.dispose]()
  })

  test('logsAfter: the loss in the log is of the student after the step, on other rows', async () => {
    const {teacher, student, retrospect} = scene({share: 0.5, noise: 1, logsAfter: true})
    const read = async (logged: tf.Scalar) => {
      const [value] = await logged.data()
      logged.dispose()
      return value!
    }
    const correct = () => retrospect(batchOf(images(), teacher))!.correct(0)
    const [before, same] = await Promise.all(
      tf
        .tidy(() => {
          const correction = correct()
          return [correction.loss, correction.afterStep!().loss] as const
        })
        .map(read),
    )
    const after = await read(
      tf.tidy(() => {
        const correction = correct()
        for (const variable of student.network.trainable) variable.assign(tf.mul(variable, 0))
        return lossAfter(student.network, correction)
      }),
    )
    expect(before).toBeGreaterThan(0)
    expect(same, 'other rows').not.toBe(before)
    expect(same).toBeGreaterThan(0)
    expect(after, 'one that has no weights is not moved').toBe(0)
    for (const model of [teacher, student]) model[Symbol.dispose]()
  })
})
