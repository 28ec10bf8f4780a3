import {defineMethod} from '@abd/core'
import {distilFromPool} from '../pool/distil-from-pool.ts'
import {CmiOptions} from './options.ts'
import {createSynthesis} from './synthesis.ts'
import {cmiMetricNames} from '../student/cmi-metric-names.ts'

/**
 * Contrastive model inversion (Fang et al., 2021). An epoch synthesises images, as synthesis.ts says, and teaches the
 * student with all epochs' images, as distil-from-pool.ts says. Departs from the reference implementation in a memory
 * bank that gives rows when it is exactly full, too, and in a stage after the run that goes on with pool and bank
 * (`emptyWhenFull` and `freshStage` give that back).
 */
export const cmi = defineMethod({
  kind: 'distiller',
  name: 'cmi',
  summary: 'Contrastive model inversion: images that fit the teacher’s statistics, each unlike the others',
  paper: 'https://arxiv.org/abs/2105.08584',
  options: CmiOptions,
  metricNames: cmiMetricNames,
  create:
    (options, {random}) =>
    (pair) =>
      distilFromPool(pair, options, createSynthesis(pair, options, random.fork('synthesis')), random),
})
