import {defineMethod} from '@abd/core'
import {lossAndGradients} from '@abd/core/math'
import type {Model} from '@abd/core/nn'
import * as tf from '@tensorflow/tfjs-core'
import {z} from 'zod'
import {margin} from './margin.ts'
import {tooFewClasses} from './not-applicable.ts'
import {outlier} from './outlier.ts'

/**
 * MM-BD (Wang et al., IEEE S&P 2024): for every class c the largest margin f_c(x) − max_{k≠c} f_k(x) that gradient ascent
 * over images x in [0, 1] reaches; a backdoor's target reaches further than the rest. All classes and starts run in one
 * batch. Departs from the paper in the null: not a gamma fitted to K − 1 points, but the outlier score of the largest
 * margin against the other classes', ranked among clean networks by the calibration; and in the optimiser (signed steps
 * with a decaying size, which need no learning rate for each network).
 */
export const maximumMargin = defineMethod({
  kind: 'detector',
  name: 'maximum_margin',
  summary: 'The largest margin an image can reach, class by class: a target class reaches further',
  paper: 'https://arxiv.org/abs/2205.06900',
  options: z.strictObject({
    starts: z.int().min(1).max(64).default(6).describe('Random starting images a class'),
    steps: z.int().min(1).max(1000).default(40),
    batch: z.int().min(1).max(1024).default(128).describe('Images in one pass'),
  }),
  create: ({starts, steps, batch}) => ({
    version: 1,
    needs: 'gradient',
    async inspect(model, _evidence, context) {
      const {classes, input} = model.network.architecture
      if (classes < 3) return tooFewClasses
      const total = classes * starts
      const task = context.progress.start('Maximum margin', Math.ceil(total / batch) * steps)
      const margins = new Float64Array(classes).fill(Number.NEGATIVE_INFINITY)
      try {
        for (let from = 0; from < total; from += batch) {
          const count = Math.min(batch, total - from)
          const targets = Int32Array.from({length: count}, (_, i) => Math.floor((from + i) / starts))
          const random = context.random.fork('starts').fork(from)
          let x = random.uniformTensor<tf.Tensor4D>([count, ...input])
          const oneHot = tf.tidy(() => tf.oneHot(tf.tensor1d(targets, 'int32'), classes) as tf.Tensor2D)
          for (let step = 0; step < steps; step++) {
            context.signal.throwIfAborted()
            const size = 0.1 * (1 - step / steps)
            const next = tf.tidy(() => ascend(model, x, oneHot, size))
            x.dispose()
            x = next
            task.advance(1)
            await new Promise(setImmediate)
          }
          const reached = tf.tidy(() => margin(model, x, oneHot))
          const values = await reached.data()
          tf.dispose([x, oneHot, reached])
          targets.forEach((c, i) => (margins[c] = Math.max(margins[c]!, values[i]!)))
        }
      } finally {
        task.end()
      }
      const perClass = [...margins]
      return {...outlier(perClass), perClass, details: {starts, steps, largestMargin: Math.max(...perClass)}}
    },
  }),
})

function ascend(model: Model, x: tf.Tensor4D, oneHot: tf.Tensor2D, size: number): tf.Tensor4D {
  const {gradients} = lossAndGradients([x], () => tf.sum<tf.Scalar>(margin(model, x, oneHot)))
  return tf.clipByValue(tf.add(x, tf.mul(tf.sign(gradients[0]!), size)), 0, 1)
}
