import {silent} from '@abd/core'
import {createRandom} from '@abd/core/engine'
import {ood} from '@abd/plugin-distill/index'
import * as tf from '@tensorflow/tfjs-core'
import type {Case} from '../case.ts'
import {timed} from '../case.ts'
import {randomModel, teacherOn} from './models.ts'

/** The same step as it is run, and operation by operation. */
export const studentSteps: readonly Case[] = [false, true].map((eager) => ({
  name: eager ? 'student-step-eager' : 'student-step',
  summary: `OOD distillation step, batch 128, WRN-16-1 to WRN-16-1 (teacher forward included)${eager ? ', not captured' : ''}`,
  unit: 's',
  better: 'smaller',
  runs: 20,
  async setUp() {
    const {engine, teacher} = await teacherOn('wrn-16-1', {eager})
    const student = randomModel('wrn-16-1', 'student')
    const context = {engine, random: createRandom(0), progress: silent, signal: new AbortController().signal}
    const distiller = ood.create(ood.options.parse({patches: 512}), context)({teacher, student, defence: {}})
    await distiller.prepare?.()
    let index = 0
    const capture = engine.capture({label: 'A step', times: 1000})
    const step = async () => {
      const {loss} = capture.run(() => tf.tidy(() => distiller.step(index++)))
      await loss!.data()
      loss!.dispose()
    }
    await step()
    return {
      run: () => timed(step),
      async tearDown() {
        capture[Symbol.dispose]()
        distiller[Symbol.dispose]()
        await engine[Symbol.asyncDispose]()
      },
    }
  },
}))
