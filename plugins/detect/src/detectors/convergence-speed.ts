import {defineMethod} from '@abd/core'
import {lossAndGradients} from '@abd/core/math'
import * as tf from '@tensorflow/tfjs-core'
import {z} from 'zod'
import {margin} from './margin.ts'
import {tooFewClasses} from './not-applicable.ts'
import {outlier} from './outlier.ts'

/**
 * How soon random images become of a class when they climb its margin (the signal of Zhao et al., USENIX Security 2026): a
 * backdoor's target is reached sooner. Signed steps of one size, all classes in one batch; for each class the mean over starts of
 * the steps until its logit is the largest, and how far the soonest lies before the others as a robust z-score.
 */
export const convergenceSpeed = defineMethod({
  kind: 'detector',
  name: 'convergence_speed',
  summary: 'A class that random images are sooner turned into than into any other',
  paper: 'https://www.usenix.org/conference/usenixsecurity26/presentation/zhao-quan',
  options: z.strictObject({
    starts: z.int().min(1).max(64).default(8).describe('Random starting images a class'),
    steps: z.int().min(1).max(1000).default(60).describe('After so many, it is given up'),
    size: z.number().positive().max(1).default(0.01).describe('Of one step, in pixels from 0 to 1'),
    batch: z.int().min(1).max(1024).default(128).describe('Images in one pass'),
  }),
  create: ({starts, steps, size, batch}) => ({
    version: 1,
    needs: 'gradient',
    async inspect(model, _evidence, context) {
      const {classes, input} = model.network.architecture
      if (classes < 3) return tooFewClasses
      const total = classes * starts
      const task = context.progress.start('Convergence speed', Math.ceil(total / batch) * steps)
      const taken = new Float64Array(classes)
      try {
        for (let from = 0; from < total; from += batch) {
          const count = Math.min(batch, total - from)
          const targets = Int32Array.from({length: count}, (_, i) => Math.floor((from + i) / starts))
          let x = context.random
            .fork('starts')
            .fork(from)
            .uniformTensor<tf.Tensor4D>([count, ...input])
          let open = tf.ones<tf.Rank.R1>([count])
          let waited = tf.zeros<tf.Rank.R1>([count])
          const oneHot = tf.tidy(() => tf.oneHot(tf.tensor1d(targets, 'int32'), classes) as tf.Tensor2D)
          try {
            for (let step = 0; step < steps; step++) {
              context.signal.throwIfAborted()
              const before = [x, open, waited]
              ;[x, open, waited] = tf.tidy(() => {
                const {gradients, extra} = lossAndGradients([x], () => {
                  const climbed = margin(model, x, oneHot)
                  return {loss: tf.sum<tf.Scalar>(climbed), extra: climbed}
                })
                // Those that are not there yet have waited one step more.
                const still = tf.mul<tf.Tensor1D>(open, tf.cast(tf.lessEqual(extra, 0), 'float32'))
                const next: tf.Tensor4D = tf.add(x, tf.mul(tf.sign(gradients[0]!), size))
                return [
                  tf.clipByValue<tf.Tensor4D>(next, 0, 1),
                  still,
                  tf.add<tf.Tensor1D>(waited, still),
                ] as const
              })
              tf.dispose(before)
              task.advance(1)
              await new Promise(setImmediate)
            }
            const values = await waited.data()
            targets.forEach((c, i) => (taken[c]! += values[i]! / starts))
          } finally {
            tf.dispose([x, open, waited, oneHot])
          }
        }
      } finally {
        task.end()
      }
      // Larger is sooner: the share of the steps that was not needed.
      const perClass = [...taken].map((waits) => 1 - waits / steps)
      const {statistic, target} = outlier(perClass, 1 / steps)
      return {statistic, target, perClass, details: {starts, steps, soonest: taken[target]!}}
    },
  }),
})
