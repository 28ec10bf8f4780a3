import {defineMethod} from '@abd/core'
import {BATCH_NORM_EPSILON} from '@abd/core/nn'
import {z} from 'zod'
import type {BatchNorm} from '../weights/layers.ts'
import {layersOf} from '../weights/layers.ts'
import {robustScores} from '../weights/robust-scores.ts'
import {notApplicable} from './not-applicable.ts'

const signals = {
  /** Scale: how much of a channel is let through. */
  scale: ({scale}: BatchNorm) => Array.from(scale, Math.abs),
  /** How far from 0 a channel lies on the training images, in its own deviations. */
  shift: ({mean, variance}: BatchNorm) =>
    Array.from(mean, (value, k) => Math.abs(value) / Math.sqrt(variance[k]! + BATCH_NORM_EPSILON)),
  /** A channel that few training images switch on varies little, one that a trigger drives far varies a lot. */
  variance: ({variance}: BatchNorm) => Array.from(variance, (value) => Math.log(value + BATCH_NORM_EPSILON)),
} as const

const names = Object.keys(signals) as (keyof typeof signals)[]

/**
 * A channel whose BatchNorm stands out among its layer's: what BatchNorm remembers of the training images (running mean and
 * variance), and the scale it learned, are the only traces of the data in the file. The statistic is the largest robust
 * z-score, either way for variance, over layers and over the three numbers, each against the channels of its layer.
 */
export const batchNormOutlier = defineMethod({
  kind: 'detector',
  name: 'batch_norm_outlier',
  summary: 'A channel whose BatchNorm remembers other numbers than the rest of its layer',
  options: z.strictObject({
    channels: z.int().min(2).default(8).describe('Layers with fewer channels are left out'),
  }),
  create: ({channels}) => ({
    version: 1,
    needs: 'forward',
    async inspect(model) {
      const norms = (await layersOf(model.network)).flatMap((layer) =>
        'batchNorm' in layer && layer.batchNorm.mean.length >= channels ? [layer.batchNorm] : [],
      )
      const found = norms.flatMap((norm) =>
        names.map((signal) => {
          const scores = robustScores(signals[signal](norm)).map((score) =>
            signal === 'variance' ? Math.abs(score) : score,
          )
          const score = Math.max(...scores)
          return {layer: norm.name, signal, score, channel: scores.indexOf(score)}
        }),
      )
      const largest = (of: typeof found) => of.reduce((a, b) => (b.score > a.score ? b : a))
      if (found.length === 0) return notApplicable(`no BatchNorm has ${channels} channels or more`)
      const {score, layer, signal, channel} = largest(found)
      return {
        statistic: score,
        target: null,
        details: {
          layer,
          channel,
          signal,
          ...Object.fromEntries(
            names.map((name) => [name, largest(found.filter((one) => one.signal === name)).score]),
          ),
        },
      }
    },
  }),
})
