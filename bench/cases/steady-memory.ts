import {ood} from '@abd/plugin-distill/index'
import * as tf from '@tensorflow/tfjs-core'
import type {Case} from '../case.ts'
import {contextOn} from './context-on.ts'
import {randomModel, teacherOn} from './models.ts'

const STEPS = 500

export const steadyMemory: Case = {
  name: 'steady-memory',
  summary: `Tensors that ${STEPS} distillation steps leave behind (batch 8)`,
  unit: 'tensors',
  better: 'smaller',
  runs: 1,
  async setUp() {
    const {engine, teacher} = await teacherOn('wrn-16-1')
    const student = randomModel('wrn-16-1', 'student')
    const context = contextOn(engine)
    const options = ood.options.parse({patches: 64, batch: 8, epochs: 2 * STEPS})
    const distiller = ood.create(options, context)({teacher, student, defence: {}})
    await distiller.prepare?.()
    let index = 0
    return {
      async run() {
        const before = engine.memory().tensors
        for (let step = 0; step < STEPS; step++) tf.dispose(tf.tidy(() => distiller.step(index++)))
        return engine.memory().tensors - before
      },
      async tearDown() {
        distiller[Symbol.dispose]()
        await engine[Symbol.asyncDispose]()
      },
    }
  },
}
