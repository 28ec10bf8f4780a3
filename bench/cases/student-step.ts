import {silent} from '@abd/core'
import type {Distiller} from '@abd/core'
import {createRandom} from '@abd/core/engine'
import type {Capture, Engine} from '@abd/core/engine'
import type {Model} from '@abd/core/nn'
import {ood} from '@abd/plugin-distill/index'
import * as tf from '@tensorflow/tfjs-core'
import type {Case} from '../case.ts'
import {timed} from '../case.ts'
import {randomModel, teacherOn} from './models.ts'

async function distillerOf(engine: Engine, teacher: Model): Promise<Distiller> {
  const student = randomModel('wrn-16-1', 'student')
  const context = {engine, random: createRandom(0), progress: silent, signal: new AbortController().signal}
  const distiller = ood.create(ood.options.parse({patches: 512}), context)({teacher, student, defence: {}})
  await distiller.prepare?.()
  return distiller
}

/** Steps one after the other, captured or not; the first, which prepares the graph, is taken here. */
async function stepsOf(distiller: Distiller, capture: Pick<Capture, 'run'>): Promise<() => Promise<void>> {
  let index = 0
  const step = async () => {
    const {loss} = capture.run(() => tf.tidy(() => distiller.step(index++)))
    await loss!.data()
    loss!.dispose()
  }
  await step()
  return step
}

const captureOn = (engine: Engine) => engine.capture({label: 'A step', times: 1000})

export const studentStep: Case = {
  name: 'student-step',
  summary: 'OOD distillation step, batch 128, WRN-16-1 to WRN-16-1 (teacher forward included)',
  unit: 's',
  better: 'smaller',
  runs: 20,
  async setUp() {
    const {engine, teacher} = await teacherOn('wrn-16-1')
    const distiller = await distillerOf(engine, teacher)
    const capture = captureOn(engine)
    const step = await stepsOf(distiller, capture)
    return {
      run: () => timed(step),
      async tearDown() {
        capture[Symbol.dispose]()
        distiller[Symbol.dispose]()
        await engine[Symbol.asyncDispose]()
      },
    }
  },
}

export const capturedStep: Case = {
  name: 'captured-step',
  summary: 'The same step as one graph, over operation by operation, in turns',
  unit: 'ratio',
  better: 'smaller',
  runs: 20,
  async setUp() {
    const {engine, teacher} = await teacherOn('wrn-16-1')
    const distillers = [await distillerOf(engine, teacher), await distillerOf(engine, teacher)] as const
    const capture = captureOn(engine)
    const captured = await stepsOf(distillers[0], capture)
    const eager = await stepsOf(distillers[1], {run: (step) => step()})
    return {
      run: async () => (await timed(captured)) / (await timed(eager)),
      async tearDown() {
        capture[Symbol.dispose]()
        for (const distiller of distillers) distiller[Symbol.dispose]()
        await engine[Symbol.asyncDispose]()
      },
    }
  },
}
