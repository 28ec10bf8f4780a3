import * as tf from '@tensorflow/tfjs-core'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {z} from 'zod'
import {distilStudent} from '../../../src/audit/distil-student.ts'
import {vanillaStudents} from '../../../src/audit/vanilla-students.ts'
import type {Context} from '../../../src/context.ts'
import {createRandom} from '../../../src/engine/create-random.ts'
import {defineMethod} from '../../../src/method.ts'
import {architectureByName} from '../../../src/nn/architecture-by-name.ts'
import {createModel} from '../../../src/nn/create-model.ts'
import {createNetwork} from '../../../src/nn/create-network.ts'
import type {Model} from '../../../src/nn/model.ts'
import {createRegistry} from '../../../src/registry.ts'
import {contextOn} from '../../support/context-on.ts'

let context: Context
beforeAll(async () => {
  context = await contextOn('cpu')
})
afterAll(() => context.engine[Symbol.asyncDispose]())

const plan = {distiller: 'draw_head', options: {}, student: 'wrn-10-1', defences: []}

/** Two steps, each of which adds a drawn number to the student's last bias: what it was taught by, written down. */
const drawHead = (steps = 2) =>
  defineMethod({
    kind: 'distiller',
    name: 'draw_head',
    summary: 'Adds drawn numbers',
    options: z.strictObject({}),
    create:
      (_, {random}) =>
      ({student}) => ({
        steps,
        step(index) {
          if (index > 1) throw new Error('no third step')
          const bias = student.network.parameters.get('fc.bias')!
          bias.assign(tf.add(bias, random.fork(index).uniform()))
          return {loss: tf.scalar(0)}
        },
        sample: (count) => ({count, height: 1, width: 1, channels: 3, data: new Uint8Array(3 * count)}),
        [Symbol.dispose]() {},
      }),
  })

const teacherOf = () =>
  createModel(
    createNetwork(architectureByName('wrn-10-1', {classes: 3, input: [8, 8, 3]}), createRandom('t')),
    {
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
    },
  )

const biasOf = async ({network}: Model) => (await network.parameters.get('fc.bias')!.data())[0]!

describe('vanillaStudents', () => {
  const registry = createRegistry([{name: 'test', methods: [drawHead()]}])

  it('are distilled when asked for, once, each by a seed of its own, the same every time', async () => {
    using teacher = teacherOf()
    using students = vanillaStudents(teacher, {plan, registry, context})
    const [first] = await students.take(1)
    const both = await students.take(2)
    using again = vanillaStudents(teacher, {plan, registry, context})

    expect(both[0]).toBe(first)
    const biases = await Promise.all(both.map(biasOf))
    expect(biases[0]).toBeGreaterThan(0)
    expect(biases[0]).not.toBe(biases[1])
    expect(await Promise.all((await again.take(2)).map(biasOf))).toEqual(biases)
    expect(first!.network.architecture).toMatchObject({name: 'wrn-10-1', classes: 3, input: [8, 8, 3]})
  })

  it('begin with the student of the transfer test: the random numbers of the audit itself', async () => {
    using teacher = teacherOf()
    using students = vanillaStudents(teacher, {plan, registry, context})
    const {student: alone} = await distilStudent(teacher, {
      plan,
      defence: null,
      label: 'Alone',
      registry,
      context,
    })
    using own = alone
    const recorded: object[] = []
    const recorder = {metrics: (values: object, step: number) => void recorded.push({...values, step})}
    using told = vanillaStudents(teacher, {
      plan,
      registry,
      context: {...context, recorder: recorder as unknown as NonNullable<Context['recorder']>},
    })

    const {student, samples} = await students.first()
    expect(await biasOf(student)).toBe(await biasOf(own))
    expect(samples.count).toBe(16)
    expect((await students.take(2))[0]).toBe(student)
    await told.take(2)
    // The first alone: two steps or one note of them, under the name of the vanilla student.
    expect(recorded.length).toBeGreaterThan(0)
    expect(recorded[0]).toHaveProperty(['transfer/vanilla/loss'])
    expect(recorded.length).toBeLessThanOrEqual(2)
  })

  it('leave nothing behind, also where a distillation fails', async () => {
    using teacher = teacherOf()
    const before = context.engine.memory().tensors
    const students = vanillaStudents(teacher, {plan, registry, context})
    await students.take(2)
    expect(context.engine.memory().tensors).toBeGreaterThan(before)
    students[Symbol.dispose]()
    const failing = createRegistry([{name: 'test', methods: [drawHead(3)]}])
    using none = vanillaStudents(teacher, {plan, registry: failing, context})
    await expect(none.take(1)).rejects.toThrow('no third step')

    expect(context.engine.memory().tensors).toBe(before)
  })
})
