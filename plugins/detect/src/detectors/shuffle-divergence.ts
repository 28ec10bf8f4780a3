import {defineMethod} from '@abd/core'
import {takeImages, toTensor} from '@abd/core/data'
import {lastConvolutions, shuffleInputChannels} from '@abd/core/nn'
import {normalise} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {z} from 'zod'

/**
 * The Shuffling Vaccine's own statistic as a detector (Hong et al., ICML 2023, section 4.1): with the input channels of the
 * last convolutions shuffled, what a network says of ordinary images falls apart, while a backdoor's answer survives.
 * d = KL(T(x) ‖ mean of shuffled copies), e = log10 d; the tail is the share of images with e < mean − 3·std, averaged
 * over independent ensembles. In the reference it is an acceptance test; here larger is more suspicious.
 */
export const shuffleDivergence = defineMethod({
  kind: 'detector',
  name: 'shuffle_divergence',
  summary:
    'Images whose class survives a shuffling of the last layers: the tail of the Shuffling Vaccine’s divergence',
  paper: 'https://arxiv.org/abs/2306.02368',
  options: z.strictObject({
    images: z.int().min(40).max(5000).default(300),
    ensembles: z.int().min(1).max(50).default(3).describe('Independent ensembles, averaged'),
    copies: z.int().min(1).max(10).default(3).describe('Shuffled copies in an ensemble'),
    layers: z
      .int()
      .min(1)
      .max(100)
      .default(5)
      .describe('Last convolutions whose input channels are shuffled'),
  }),
  create: ({images, ensembles, copies, layers}) => ({
    version: 1,
    needs: 'forward',
    async inspect(model, evidence, context) {
      const {architecture, parameters} = model.network
      const shuffled = lastConvolutions(architecture, layers)
      const sample = takeImages(evidence.base, images)
      const task = context.progress.start('Shuffle divergence', ensembles)
      let tail = 0
      let survivors = 0
      try {
        for (let e = 0; e < ensembles; e++) {
          context.signal.throwIfAborted()
          const random = context.random.fork('ensemble').fork(e)
          const logDivergence: number[] = []
          for (let from = 0; from < sample.count; from += 100) {
            const indices = Int32Array.from({length: Math.min(100, sample.count - from)}, (_, i) => from + i)
            const both = tf.tidy(() => {
              const x = normalise(toTensor(sample, indices), model.normalisation)
              const own = architecture.forward(parameters, x, 'eval').logits
              const ensemble: tf.Tensor2D[] = []
              for (let copy = 0; copy < copies; copy++) {
                const draw = random.fork(copy)
                const permutations = new Map(
                  shuffled.map((name) => [
                    name,
                    draw.fork(name).permutation(parameters.get(name)!.shape[2]!),
                  ]),
                )
                ensemble.push(
                  architecture.forward(shuffleInputChannels(parameters, permutations), x, 'eval').logits,
                )
              }
              const shuffledLogits = tf.div(tf.addN(ensemble), copies)
              const logP = tf.logSoftmax(own)
              const d = tf.mean(tf.mul(tf.exp(logP), tf.sub(logP, tf.logSoftmax(shuffledLogits))), 1)
              const agree = tf.cast(tf.equal(tf.argMax(own, 1), tf.argMax(shuffledLogits, 1)), 'float32')
              return tf.stack([tf.div(tf.log(tf.maximum(d, 1e-12)), Math.LN10), agree])
            })
            const values = await both.data()
            both.dispose()
            for (let i = 0; i < indices.length; i++) {
              logDivergence.push(values[i]!)
              survivors += values[indices.length + i]!
            }
          }
          tail += tailShare(logDivergence) / ensembles
          task.advance(1)
          await new Promise(setImmediate)
        }
      } finally {
        task.end()
      }
      const agreement = survivors / (ensembles * sample.count)
      return {
        statistic: agreement + tail,
        target: null,
        details: {tail, agreement, images: sample.count, layers: shuffled.length},
      }
    },
  }),
})

/** Share of values below mean − 3 · (population) standard deviation; at most 10 % by Cantelli's inequality. */
export function tailShare(values: readonly number[]): number {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length
  const std = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length)
  return values.filter((v) => v < mean - 3 * std).length / values.length
}
