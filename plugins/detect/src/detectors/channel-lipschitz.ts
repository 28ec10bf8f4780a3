import {defineMethod} from '@abd/core'
import {z} from 'zod'
import {channelBounds} from '../weights/channel-lipschitz.ts'
import {layersOf} from '../weights/layers.ts'
import {robustScores} from '../weights/robust-scores.ts'
import {notApplicable} from './not-applicable.ts'

/**
 * CLP's criterion (Zheng et al., ECCV 2022) as a detector: a channel that a trigger switches must be able to change a lot
 * for a small change of the image. CLP prunes channels whose Lipschitz bound lies above mean + u · std of their layer; the
 * statistic is how far the furthest channel lies above its layer's others, in robust standard deviations. Departs from the
 * paper in that: mean and std are themselves moved by the channel that is looked for.
 */
export const channelLipschitz = defineMethod({
  kind: 'detector',
  name: 'channel_lipschitz',
  summary: 'A channel that can answer to a small change of the image far more than others of its layer',
  paper: 'https://arxiv.org/abs/2208.03111',
  options: z.strictObject({
    channels: z.int().min(2).default(8).describe('Layers with fewer channels are left out'),
  }),
  create: ({channels}) => ({
    version: 1,
    needs: 'forward',
    async inspect(model) {
      const layers = channelBounds(await layersOf(model.network)).filter(
        ({bounds}) => bounds.length >= channels,
      )
      const [furthest, ...others] = layers
        .map(({layer, bounds}) => {
          const scores = robustScores(bounds)
          const score = Math.max(...scores)
          return {layer, score, channel: scores.indexOf(score), above3: scores.filter((z) => z > 3).length}
        })
        .sort((a, b) => b.score - a.score)
      if (!furthest) return notApplicable(`no layer has convolutions of ${channels} channels or more`)
      return {
        statistic: furthest.score,
        target: null,
        details: {
          layer: furthest.layer,
          channel: furthest.channel,
          layers: layers.length,
          channelsAbove3: [furthest, ...others].reduce((sum, {above3}) => sum + above3, 0),
        },
      }
    },
  }),
})
