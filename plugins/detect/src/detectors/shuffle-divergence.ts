import {defineMethod} from '@abd/core'
import {batches, takeImages, toTensor} from '@abd/core/data'
import {agreement, shuffleDivergence as divergence, shuffleTail} from '@abd/core/math'
import {createShuffledEnsemble, lastConvolutions} from '@abd/core/nn'
import {imagesAtOnce, normalise} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {z} from 'zod'

/** Images in one pass, of small ones. */
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
      const shuffled = Array.from({length: ensembles}, (_, e) =>
        createShuffledEnsemble(model.network, {copies, layers}, context.random.fork('ensemble').fork(e)),
      )
      const sample = takeImages(evidence.base, images)
      const perImage: number[][] = Array.from({length: ensembles}, () => [])
      let survivors = 0
      const batch = imagesAtOnce(sample, BATCH)
      const task = context.progress.start('Shuffle divergence', Math.ceil(sample.count / batch))
      try {
        for (const indices of batches(sample.count, batch)) {
          context.signal.throwIfAborted()
          const rows = tf.tidy(() => {
            // All ensembles have the network's own trunk: it is computed once.
            const h = shuffled[0]!.trunk(normalise(toTensor(sample, indices), model.normalisation))
            const own = shuffled[0]!.ownTail(h)
            return tf.stack(
              shuffled.flatMap((ensemble) => {
                const u = ensemble.tail(h)
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
        for (const ensemble of shuffled) ensemble[Symbol.dispose]()
      }
      const tailRatio =
        perImage.reduce((sum, divergences) => sum + shuffleTail(divergences).ratio, 0) / ensembles
      const agreeing = survivors / (ensembles * sample.count)
      return {
        statistic: agreeing + tailRatio,
        target: null,
        details: {
          tail: tailRatio,
          agreement: agreeing,
          images: sample.count,
          layers: lastConvolutions(model.network.architecture, layers).length,
        },
      }
    },
  }),
})
