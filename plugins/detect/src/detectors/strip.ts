import {defineMethod} from '@abd/core'
import {takeImages, toTensor} from '@abd/core/data'
import {shuffleTail} from '@abd/core/math'
import {inBatches, predict} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {z} from 'zod'
import {needsTask, taskImages} from './neural-cleanse.ts'

/** Keeps the logarithm of an entropy of 0 finite, in nats. */
const FLOOR = 1e-6

/**
 * STRIP (Gao et al., ACSAC 2019) over the images that were given: with others laid over it, an ordinary image's class becomes
 * unsure, one that carries a trigger stays where it is. For each image H = the mean entropy of the softmax under
 * `overlays` others (added, clipped, as in the authors' code); the statistic is the share of images with
 * log10 H < mean − 3 · std. It is about images as much as about the model: where none of them carries a trigger, it sees none.
 * Departs from the paper in the threshold, which it takes from images known to be clean.
 */
export const strip = defineMethod({
  kind: 'detector',
  name: 'strip_entropy',
  summary: 'Given images whose class survives others laid over them: they may carry a trigger',
  paper: 'https://arxiv.org/abs/1902.06531',
  options: z.strictObject({
    overlays: z.int().min(1).max(200).default(10).describe('Images that are laid over each'),
  }),
  create: ({overlays}) => ({
    version: 1,
    needs: 'forward',
    needsTaskImages: true,
    async inspect(model, evidence, context) {
      const images = taskImages(evidence, context.random)
      if (!images) return needsTask
      const {base, heldOut} = images
      const {classes} = model.network.architecture
      const entropies = new Float64Array(base.count)
      const task = context.progress.start('STRIP', base.count * overlays)
      try {
        for (let round = 0; round < overlays; round++) {
          const order = context.random.fork('overlay').fork(round).permutation(heldOut.count)
          const work = (x: tf.Tensor4D, indices: Int32Array) => {
            const over = toTensor(
              heldOut,
              indices.map((i) => order[i % order.length]!),
            )
            const mixed = tf.clipByValue<tf.Tensor4D>(tf.add(x, over), 0, 1)
            return {entropy: entropy(model.logits(mixed))}
          }
          for await (const {indices, values} of inBatches(base, work, {signal: context.signal, task}))
            indices.forEach((i, n) => (entropies[i]! += values.entropy[n]! / overlays))
        }
      } finally {
        task.end()
      }
      const floored = Array.from(entropies, (value) => Math.max(value, FLOOR))
      const {ratio, mean, standardDeviation} = shuffleTail(floored)
      const threshold = mean - 3 * standardDeviation
      const surviving = [...floored.keys()].filter((i) => Math.log10(floored[i]!) < threshold)
      const predicted =
        surviving.length > 0 ? await predict(model, takeImages(base, surviving)) : new Int32Array()
      const perClass = new Array<number>(classes).fill(0)
      for (const c of predicted) perClass[c]! += 1 / base.count
      return {
        statistic: ratio,
        target: surviving.length > 0 ? perClass.indexOf(Math.max(...perClass)) : null,
        perClass,
        details: {
          images: base.count,
          overlays,
          meanEntropy: floored.reduce((sum, value) => sum + value, 0) / floored.length,
        },
      }
    },
  }),
})

/** Of the softmax, in nats: [B]. */
export function entropy(logits: tf.Tensor2D): tf.Tensor1D {
  const logs = tf.logSoftmax(logits)
  return tf.neg(tf.sum(tf.mul(tf.exp(logs), logs), 1))
}
