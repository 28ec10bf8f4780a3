import type {Correction, StudentBatch} from '@abd/core'
import {loadTeacher} from '@abd/core/audit'
import {loadSigns, takeImages, toTensor} from '@abd/core/data'
import {openEngine} from '@abd/core/engine'
import {klBatch, klMean} from '@abd/core/math'
import type {Model} from '@abd/core/nn'
import {normalise} from '@abd/core/train'
import {selfRetrospection} from '@abd/plugin-defend/index'
import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'
import {fileURLToPath} from 'node:url'
import type {Case} from '../case.ts'
import {timed} from '../case.ts'
import {contextOn} from './context-on.ts'
import {randomModel} from './models.ts'

const IMAGES = 128

/** As the reference measures with ZSKT and, at temperature 20, with CMI. */
const units = {
  zskt: {options: {}, divergence: klMean},
  cmi: {
    options: {penalty: 0, fixedTarget: false},
    divergence: (s: tf.Tensor2D, t: tf.Tensor2D) => klBatch(s, t, 20),
  },
} as const

export const retrospectionCurvature: Case = {
  name: 'retrospection-curvature',
  summary: `How far Self-Retrospection's gradient moves without curvature, as a share of its norm: the largest of a fresh and a trained WRN-16-1, in the units of ZSKT and CMI, ${IMAGES} signs; and seconds for each`,
  unit: 'ratio',
  better: 'smaller',
  runs: 1,
  async setUp() {
    const engine = await openEngine('auto')
    const context = contextOn(engine)
    const path = fileURLToPath(new URL('../../examples/teacher-poisoned.safetensors', import.meta.url))
    const {model: trained} = await loadTeacher({path}, context)
    const fresh = randomModel('wrn-16-1', 'student')
    const {test} = await loadSigns({perClass: 1, testPerClass: Math.ceil(IMAGES / 10)}, context)
    const images = takeImages(test.images, IMAGES)

    const gradient = async (model: Model, unit: keyof typeof units, curvature: boolean) => {
      const {options, divergence} = units[unit]
      const set = selfRetrospection.options.parse({...options, start: 0, curvature})
      const defence = selfRetrospection.create(set, contextOn(engine))({teacher: model, student: model})
      let values = new Float32Array()
      const seconds = await timed(async () => {
        const all = tf.tidy(() => {
          const x: Tensor4D = normalise(toTensor(images), trained.normalisation)
          const {architecture, parameters} = model.network
          const teacherLogits = architecture.forward(parameters, x, 'eval').logits
          const batch: StudentBatch = {x, teacherLogits, index: 0, steps: 1, divergence}
          const {gradients}: Correction = defence.retrospect!(batch)!.correct(0)
          return tf.concat(gradients.map((each) => tf.reshape(each, [-1])))
        })
        values = Float32Array.from(await all.data())
        all.dispose()
      })
      return {values, seconds}
    }

    return {
      async run() {
        const of: Record<string, number> = {}
        let figure = 0
        for (const [name, model] of Object.entries({fresh, trained}))
          for (const unit of ['zskt', 'cmi'] as const) {
            const exact = await gradient(model, unit, true)
            const plain = await gradient(model, unit, false)
            const moved = norm(exact.values.map((value, i) => value - plain.values[i]!)) / norm(exact.values)
            of[`${name} ${unit}`] = moved
            of[`${name} ${unit}, seconds with`] = exact.seconds
            of[`${name} ${unit}, seconds without`] = plain.seconds
            figure = Math.max(figure, moved)
          }
        return {figure, of}
      },
      async tearDown() {
        for (const model of [fresh, trained]) model[Symbol.dispose]()
        await engine[Symbol.asyncDispose]()
      },
    }
  },
}

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
