import {defineMethod} from '@abd/core'
import {distilFromPool} from '../pool/distil-from-pool.ts'
import {DeepInversionOptions} from './options.ts'
import {createPixelSynthesis} from './pixel-synthesis.ts'
import {cmiMetricNames} from '../student/cmi-metric-names.ts'

/**
 * Adaptive DeepInversion (Yin et al., 2020). An epoch synthesises images pixel by pixel, as pixel-synthesis.ts says, and
 * teaches the student with all epochs' images, as distil-from-pool.ts says.
 */
export const deepInversion = defineMethod({
  kind: 'distiller',
  name: 'deepinversion',
  summary:
    'DeepInversion: pixels that fit the teacher’s statistics and a class, and that the student gets wrong',
  paper: 'https://arxiv.org/abs/1912.08795',
  options: DeepInversionOptions,
  metricNames: cmiMetricNames,
  create:
    (options, {random}) =>
    (pair) =>
      distilFromPool(pair, options, createPixelSynthesis(pair, options, random.fork('synthesis')), random),
})
