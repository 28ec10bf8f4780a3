import type {Distiller} from '@abd/core'
import type {Engine} from '@abd/core/engine'
import {ood} from '@abd/plugin-distill/index'
import * as tf from '@tensorflow/tfjs-core'
import type {Repeated} from './in-turns.ts'
import {contextOn} from './context-on.ts'
import {randomModel} from './models.ts'

/** Of a WRN-16-1 to another, ready to begin. */
async function oodDistiller(engine: Engine, options: Readonly<Record<string, unknown>>): Promise<Distiller> {
  const teacher = randomModel('wrn-16-1', 'teacher')
  const student = randomModel('wrn-16-1', 'student')
  const distiller = ood.create(ood.options.parse(options), contextOn(engine))({teacher, student, defence: {}})
  await distiller.prepare?.()
  return distiller
}

/** Steps of OOD distillation one after the other; the first, which prepares the graph, is taken here. */
export async function oodSteps(
  engine: Engine,
  options: Readonly<Record<string, unknown>> = {patches: 512},
): Promise<Repeated> {
  const distiller = await oodDistiller(engine, options)
  const capture = engine.capture({label: 'A step', times: 1000})
  let index = 0
  const next = async () => {
    const {loss} = capture.run(() => tf.tidy(() => distiller.step(index++)))
    await loss!.data()
    loss!.dispose()
  }
  await next()
  return {
    next,
    [Symbol.dispose]() {
      capture[Symbol.dispose]()
      distiller[Symbol.dispose]()
    },
  }
}
