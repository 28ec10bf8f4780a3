import {silent} from '@abd/core'
import type {Engine} from '@abd/core/engine'
import {createRandom, openEngine} from '@abd/core/engine'
import type {Images} from '@abd/core/data'
import type {ShuffledEnsemble} from '@abd/core/nn'
import {tinyModel} from '@abd/core/testing'
import {distil} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import type {Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, test} from 'vitest'
import {shufflingVaccine} from '../../../plugins/defend/src/shuffling-vaccine.ts'
import {verifyVaccine} from '../../../plugins/defend/src/verify-vaccine.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('auto')
})

const images = (count: number): Images => ({
  count,
  height: 8,
  width: 8,
  channels: 3,
  data: Uint8Array.from(createRandom('verify').uniforms(count * 8 * 8 * 3, 0, 256)),
})

/** An ensemble that says what the teacher says of the first so many of a hundred images, and of others the opposite. */
const agreeingOn = (count: number, teacher: ReturnType<typeof tinyModel>, gone: string[], name: string) => {
  const {architecture, parameters} = teacher.network
  return {
    logits: (x: Tensor4D): Tensor2D => {
      const own = architecture.forward(parameters, x, 'eval').logits
      const same = tf.tensor2d(
        Array.from({length: x.shape[0]}, (_, i) => [i < count ? 1 : -1]),
        [x.shape[0], 1],
      )
      return tf.mul(own, same)
    },
    [Symbol.dispose]: () => void gone.push(name),
  } as unknown as ShuffledEnsemble
}

describe('the verification of the Shuffling Vaccine', () => {
  test('takes the first shuffling on which a heavy tail of images hardly diverges', async () => {
    using teacher = tinyModel(createRandom('teacher'))
    const gone: string[] = []
    const {ensemble, tails} = await verifyVaccine(teacher, images(100), {
      first: agreeingOn(0, teacher, gone, 'first'),
      shuffle: (trial) => agreeingOn(trial === 3 ? 3 : 2, teacher, gone, `trial ${trial}`),
    })
    expect(tails).toEqual([0, 0.02, 0.02, 0.03]) // above 2 %
    expect(ensemble).not.toBeNull()
    expect(gone).toEqual(['first', 'trial 1', 'trial 2'])
  })

  test('gives up after eight', async () => {
    using teacher = tinyModel(createRandom('teacher'))
    const gone: string[] = []
    const {ensemble, tails} = await verifyVaccine(teacher, images(100), {
      first: agreeingOn(0, teacher, gone, 'first'),
      shuffle: (trial) => agreeingOn(0, teacher, gone, `trial ${trial}`),
    })
    expect(ensemble).toBeNull()
    expect(tails).toHaveLength(8)
    expect(gone).toHaveLength(8)
  })
})

describe('a vaccine that is verified', () => {
  const scene = (settings: Record<string, unknown>) => {
    const teacher = tinyModel(createRandom('teacher'))
    const student = tinyModel(createRandom('student'))
    const context = {engine, random: createRandom(3), progress: silent, signal: new AbortController().signal}
    const options = shufflingVaccine.options.parse({layers: 1, ...settings})
    const defence = shufflingVaccine.create(options, context)({teacher, student})
    const says = () =>
      tf.tidy(() => {
        const x = createRandom('x').normalTensor<Tensor4D>([4, 8, 8, 3])
        const t = teacher.network.architecture.forward(teacher.network.parameters, x, 'eval').logits
        return defence.suspects!(x, t) !== undefined && defence.synthesisLoss!(x, t) !== undefined
      })
    return {teacher, student, defence, says, context}
  }

  /** Two images in turn: half of the divergences are one number, half another, and neither is a tail. */
  const flat = (count: number): Images => {
    const {data, ...shape} = images(2)
    const size = data.length / 2
    return {...shape, count, data: Uint8Array.from({length: count * size}, (_, i) => data[i % (2 * size)]!)}
  }

  /** What comes of a run whose images these are. */
  const record = async (sample: (count: number) => Images) => {
    const before = engine.memory().tensors
    const {teacher, student, defence, says, context} = scene({verifyAt: 2, verifyOn: 100})
    expect(says()).toBe(false)
    const notes: string[] = []
    const events: [number, string][] = []
    const distiller = {steps: 4, step: () => ({}), sample, [Symbol.dispose]: () => undefined}
    await distil(distiller, {
      context: {...context, progress: {...silent, note: (line) => notes.push(line)}},
      label: 'none',
      defence,
      onEvent: (step, event) => events.push([step, event]),
    })
    const on = says()
    for (const piece of [defence, teacher, student]) piece[Symbol.dispose]!()
    expect(engine.memory().tensors, 'tensors left behind').toBe(before)
    expect(notes).toEqual(events.map(([, event]) => event))
    return {events, on}
  }

  test('is off before, and on where a shuffling is found', async () => {
    const {events, on} = await record(images)
    expect(events).toEqual([[2, expect.stringMatching(/is on from step 2: shuffle \d has a tail of/)]])
    expect(on).toBe(true)
  })

  test('is off for good where none is, and says so', async () => {
    const {events, on} = await record(flat)
    expect(events).toEqual([[2, expect.stringMatching(/OFF from step 2 on: of 8 shuffles none/)]])
    expect(on).toBe(false)
  })

  test('taken up again, it is what the verification made of it', async () => {
    const settings = {verifyAt: 2, verifyOn: 100}
    const suspected = async ({teacher, defence}: ReturnType<typeof scene>) => {
      const mask = tf.tidy(() => {
        const x = createRandom('x').normalTensor<Tensor4D>([64, 8, 8, 3])
        const t = teacher.network.architecture.forward(teacher.network.parameters, x, 'eval').logits
        return defence.suspects!(x, t)?.mask ?? tf.zeros([0])
      })
      const values = await mask.data()
      mask.dispose()
      return values
    }
    for (const [trial, sample] of [images, flat].entries()) {
      const first = scene(settings)
      await first.defence.beforeStep!(2, sample)
      const again = scene(settings)
      expect(await suspected(again)).toHaveLength(0)
      await again.defence.state!.restore(await first.defence.state!.save())
      expect(await suspected(again)).toEqual(await suspected(first))
      expect(await suspected(again)).toHaveLength(trial === 0 ? 64 : 0)
      for (const {teacher, student, defence} of [first, again])
        for (const piece of [defence, teacher, student]) piece[Symbol.dispose]!()
    }
  })

  test.each([
    {inStage: 'kept', on: [true, true]},
    {inStage: 'anew', on: [false, true]},
    {inStage: 'off', on: [false, false]},
  ])('in a stage after the run it is $inStage', async ({inStage, on}) => {
    const before = engine.memory().tensors
    const {teacher, student, defence, says} = scene({verifyAt: 2, verifyOn: 100, inStage})
    await defence.beforeStep!(2, images)
    expect(says()).toBe(true)
    defence.beginStage!(10)
    const [atFirst, said] = [says(), await defence.beforeStep!(10, images)]
    expect(said).toEqual(inStage === 'off' ? ['The Shuffling Vaccine is OFF in this stage.'] : [])
    // Two steps on, as many as after a run's start.
    expect(await defence.beforeStep!(12, images)).toHaveLength(inStage === 'anew' ? 1 : 0)
    expect([atFirst, says()]).toEqual(on)
    for (const piece of [defence, teacher, student]) piece[Symbol.dispose]!()
    expect(engine.memory().tensors, 'tensors left behind').toBe(before)
  })

  test('is verified once, when its step is taken again, too', async () => {
    const {teacher, student, defence} = scene({verifyAt: 2, verifyOn: 100})
    expect(await defence.beforeStep!(2, images)).toHaveLength(1)
    expect(await defence.beforeStep!(2, images)).toHaveLength(0)
    for (const piece of [defence, teacher, student]) piece[Symbol.dispose]!()
  })

  test('is on from the start where it need not be verified', () => {
    const {teacher, student, defence, says} = scene({})
    expect(says()).toBe(true)
    for (const piece of [defence, teacher, student]) piece[Symbol.dispose]!()
  })

  test('that shuffles no layer says so', async () => {
    const {teacher, student, defence} = scene({layers: 0})
    expect(await defence.beforeStep!(0, images)).toEqual([expect.stringContaining('OFF')])
    for (const piece of [defence, teacher, student]) piece[Symbol.dispose]!()
  })
})
