import type {Evidence} from '@abd/core/audit'
import {createRandom, steady} from '@abd/core/engine'
import type {Engine} from '@abd/core/engine'
import {lossAndGradients} from '@abd/core/math'
import {maximumMargin} from '@abd/plugin-detect/index'
import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import type {Case} from '../case.ts'
import {timed} from '../case.ts'
import {inTurns} from './in-turns.ts'
import type {Repeated} from './in-turns.ts'
import {randomModel, teacherOn} from './models.ts'
import {contextOn} from './context-on.ts'

export const maximumMarginLoop: Case = {
  name: 'maximum-margin',
  summary: 'Maximum margin over ten classes of a WRN-16-1, all in one batched loop',
  unit: 's',
  better: 'smaller',
  runs: 3,
  async setUp() {
    const {engine, teacher} = await teacherOn('wrn-16-1')
    const context = contextOn(engine)
    const detector = maximumMargin.create(maximumMargin.options.parse({}), context)
    const nothing = {count: 0, height: 32, width: 32, channels: 3, data: new Uint8Array()}
    const evidence: Evidence = {base: nothing, heldOut: nothing, triggers: []}
    return {
      run: () => timed(() => detector.inspect(teacher, evidence, context)),
      tearDown: async () => engine[Symbol.asyncDispose](),
    }
  },
}

const [CLASSES, STARTS, STEPS] = [10, 6, 40] as const

/** The arithmetic of the detector's loop, as it would be if it were captured, which it is not (decision 36). */
async function ascents(engine: Engine): Promise<Repeated> {
  const model = randomModel('wrn-16-1', 'teacher')
  const images = createRandom('starts').uniformTensor<Tensor4D>([CLASSES * STARTS, 32, 32, 3])
  const x = tf.variable(images)
  const own = tf.tidy(() => {
    const classes = Int32Array.from({length: CLASSES * STARTS}, (_, i) => Math.floor(i / STARTS))
    return tf.variable(tf.oneHot(tf.tensor1d(classes, 'int32'), CLASSES), false) as unknown as Tensor2D
  })
  const ascend = steady(({size}: {size: Scalar}): Scalar => {
    const {loss, gradients} = lossAndGradients([x], () => {
      const logits = model.logits(x)
      const others = tf.max(tf.sub(logits, tf.mul(own, 1e9)), 1)
      return tf.sum<Scalar>(tf.sub(tf.sum(tf.mul(logits, own), 1), others))
    })
    x.assign(tf.clipByValue(tf.add(x, tf.mul(tf.sign(gradients[0]!), size)), 0, 1))
    return loss
  })
  const capture = engine.capture({label: 'A step', times: 1000})
  const next = async () => {
    x.assign(images)
    for (let step = 0; step < STEPS; step++)
      capture.run(() => tf.dispose(tf.tidy(() => ascend({size: tf.scalar(0.1 * (1 - step / STEPS))}))))
    await x.data()
  }
  await next()
  return {
    next,
    [Symbol.dispose]() {
      capture[Symbol.dispose]()
      tf.dispose([x, images, own])
    },
  }
}

export const capturedMaximumMargin = inTurns({
  name: 'captured-maximum-margin',
  summary: `The maximum-margin loop of a WRN-16-1, ${STEPS} steps, if it were captured`,
  runs: 3,
  target: 1 / 1.7,
  start: ascents,
})
