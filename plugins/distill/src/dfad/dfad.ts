import {defineMethod} from '@abd/core'
import {absoluteDifference} from '@abd/core/math'
import * as tf from '@tensorflow/tfjs-core'
import {distilFromGenerator} from '../generative/distil-from-generator.ts'
import {DfadOptions} from './options.ts'
import {cmiMetricNames} from '../student/cmi-metric-names.ts'

/**
 * Data-free adversarial distillation (DFAD, Fang et al., 2019): a generator climbs, and the student descends on, the
 * discrepancy
 *   (1 / (N · C)) Σ |S(x) - T(x)|   of logits
 * in turns, as distil-from-generator.ts says; the generator's gradient goes through both. Five steps of the student to one
 * of the generator, the rates, and images that are standardised by their batch are those of the authors' code; the generator
 * otherwise and its Adam those of the code around CMI. That code ends in a sigmoid (`images: sigmoid`), which an adversary
 * that is paid for distance alone soon saturates: all images are then one, and the student learns nothing.
 */
export const dfad = defineMethod({
  kind: 'distiller',
  name: 'dfad',
  summary: 'Data-free adversarial distillation: a generator draws what the student’s logits are furthest off',
  paper: 'https://arxiv.org/abs/1912.11006',
  options: DfadOptions,
  metricNames: cmiMetricNames,
  create:
    (options, {random}) =>
    (pair) =>
      distilFromGenerator(
        pair,
        options,
        {
          latent: 256,
          standardised: options.images === 'standardised',
          terms: ({logits}, student) => [[1, () => tf.neg(tf.mean(absoluteDifference(student(), logits)))]],
          lesson: {elements: absoluteDifference, weight: 1},
        },
        random,
      ),
})
