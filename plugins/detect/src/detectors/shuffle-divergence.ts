import {defineMethod} from '@abd/core'
import {batches, takeImages, toTensor} from '@abd/core/data'
import {agreement, shuffleDivergence as divergence, shuffleTail} from '@abd/core/math'
import {lastConvolutions, shuffleInputChannels} from '@abd/core/nn'
import type {Parameters} from '@abd/core/nn'
import {normalise} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {z} from 'zod'

/** Images in one pass. */
const BATCH = 100

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
      const perImage: number[][] = Array.from({length: ensembles}, () => [])
      let survivors = 0
      // Copies differ from the network in the last layers only: what comes before these is computed once for all.
      const {trunk, tail} = architecture.cut?.(shuffled) ?? {
        trunk: (_: Parameters, x: tf.Tensor4D) => x,
        tail: (values: Parameters, x: tf.Tensor4D) => architecture.forward(values, x, 'eval').logits,
      }
      const copiesOf = (e: number) =>
        Array.from({length: copies}, (_, copy) => {
          const draw = context.random.fork('ensemble').fork(e).fork(copy)
          const permutations = new Map(
            shuffled.map((name) => [name, draw.fork(name).permutation(parameters.get(name)!.shape[2]!)]),
          )
          return shuffleInputChannels(parameters, permutations)
        })
      const task = context.progress.start('Shuffle divergence', Math.ceil(sample.count / BATCH))
      try {
        for (const indices of batches(sample.count, BATCH)) {
          context.signal.throwIfAborted()
          const rows = tf.tidy(() => {
            const h = trunk(parameters, normalise(toTensor(sample, indices), model.normalisation))
            const own = tail(parameters, h)
            return tf.stack(
              perImage.flatMap((_, e) => {
                const u: tf.Tensor2D = tf.div(tf.addN(copiesOf(e).map((copy) => tail(copy, h))), copies)
                return [divergence(own, u), agreement(own, u)]
              }),
            ) as tf.Tensor2D
          })
          const values = await rows.array()
          rows.dispose()
          perImage.forEach((divergences, e) => {
            divergences.push(...values[2 * e]!)
            survivors += values[2 * e + 1]!.reduce((sum, agrees) => sum + agrees, 0)
          })
          task.advance(1)
          await new Promise(setImmediate)
        }
      } finally {
        task.end()
      }
      const tailRatio =
        perImage.reduce((sum, divergences) => sum + shuffleTail(divergences).ratio, 0) / ensembles
      const agreeing = survivors / (ensembles * sample.count)
      return {
        statistic: agreeing + tailRatio,
        target: null,
        details: {tail: tailRatio, agreement: agreeing, images: sample.count, layers: shuffled.length},
      }
    },
  }),
})
