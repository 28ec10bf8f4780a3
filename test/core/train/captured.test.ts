import {silent} from '@abd/core'
import type {Context, DefenceFactory, Distiller} from '@abd/core'
import {createRandom, openEngine} from '@abd/core/engine'
import type {Engine} from '@abd/core/engine'
import {tinyModel, weightsOf} from '@abd/core/testing'
import {distil} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {describe, expect, it, vi} from 'vitest'
import {selfRetrospection} from '../../../plugins/defend/src/self-retrospection/self-retrospection.ts'
import {ood} from '../../../plugins/distill/src/ood/ood.ts'
import {zskt} from '../../../plugins/distill/src/zskt/zskt.ts'
import {smallPicture} from '../../plugins/distill/small-picture.ts'

const engines = await Promise.all([openEngine('tensorflow'), openEngine('tensorflow', {eager: true})]).catch(
  () => null,
)
if (!engines) console.warn('SKIPPED: steps are captured on the tensorflow engine, which is not installed.')

const source = smallPicture()
// Twenty steps of an optimiser: a cycle of ZSKT has three. Its generator plays against the student: at the rates it is used
// with, what rounding makes different in the first cycle is a third of the loss five cycles later.
const methods = {
  ood: {
    method: ood,
    compared: 20,
    within: 1e-3,
    settings: {source, patches: 12, batch: 4, epochs: 20, shift: 1},
  },
  zskt: {
    method: zskt,
    compared: 7,
    within: 1e-5,
    settings: {cycles: 50, batch: 4, studentSteps: 2, learningRate: 1e-5, generatorRate: 1e-5},
  },
} as const

/** Distils a tiny student, and stops after some of the steps to go on with the rest; a capture lasts until a stop. */
async function student(
  name: keyof typeof methods,
  engine: Engine,
  stopAfter = Infinity,
  onStep: () => void = () => undefined,
  defend?: (context: Context) => DefenceFactory,
) {
  const {method, settings} = methods[name]
  const abort = new AbortController()
  const context = {engine, random: createRandom(3), progress: silent, signal: abort.signal}
  using teacher = tinyModel(createRandom('teacher'))
  using student = tinyModel(createRandom('student'))
  const options = (method.options as typeof ood.options).parse(settings)
  using distiller: Distiller = (method as typeof ood).create(
    options,
    context,
  )({
    teacher,
    student,
    defence: defend?.(context)({teacher, student}) ?? {},
  })
  const losses: number[] = []
  const onLosses = (step: number, {loss}: Record<string, number>) => {
    losses.push(loss!)
    onStep()
    if (step + 1 === stopAfter) abort.abort(new Error('stop'))
  }
  const run = (signal: AbortSignal, from = 0) =>
    distil(distiller, {context: {...context, signal}, label: name, every: 1, from, onLosses})
  if (stopAfter < distiller.steps) {
    await expect(run(abort.signal)).rejects.toThrow('stop')
    await run(new AbortController().signal, stopAfter)
  } else await run(abort.signal)
  return {losses, steps: distiller.steps, weights: await weightsOf(student.network)}
}

describe.skipIf(!engines).each(['ood', 'zskt'] as const)('%s, captured', (name) => {
  it('teaches as it does step by step', async () => {
    const [captured, eager] = [await student(name, engines![0]), await student(name, engines![1])]

    expect(captured.steps).toBeGreaterThanOrEqual(50)
    const distance = captured.losses.map(
      (loss, i) => Math.abs(loss - eager.losses[i]!) / Math.abs(eager.losses[i]!),
    )
    expect(distance[0]).toBeLessThan(1e-5)
    expect(Math.max(...distance.slice(0, methods[name].compared))).toBeLessThan(methods[name].within)
  })

  it('runs its JavaScript twice, and then the graph', async () => {
    const kernels: number[] = []
    const run = vi.spyOn(tf.engine(), 'runKernel')
    try {
      await student(name, engines![0], Infinity, () => {
        kernels.push(run.mock.calls.length)
        run.mockClear()
      })
    } finally {
      run.mockRestore()
    }
    // A few prepare what the steady part is given.
    expect(Math.max(...kernels.slice(3))).toBeLessThan(kernels[1]! / 5)
  })

  it('teaches the same student bit for bit when it was captured twice', async () => {
    const whole = await student(name, engines![0])
    const inTwo = await student(name, engines![0], 23)

    expect(inTwo.losses).toEqual(whole.losses)
    expect(inTwo.weights).toEqual(whole.weights)
  })
})

it.skipIf(!engines)(
  'a defence that sets in on the way is the same in a run that was taken up again',
  async () => {
    const retrospect = (context: Context) =>
      selfRetrospection.create(selfRetrospection.options.parse({start: 0.5, rounds: 2}), context)
    const whole = await student('ood', engines![0], Infinity, undefined, retrospect)
    const inTwo = await student('ood', engines![0], 45, undefined, retrospect)

    expect(inTwo.losses).toEqual(whole.losses)
    expect(inTwo.weights).toEqual(whole.weights)
  },
)
