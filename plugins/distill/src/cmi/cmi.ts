import {defineMethod} from '@abd/core'
import {checkInput} from '@abd/core/audit'
import {loadImages} from '@abd/core/data'
import {distilFromPool} from '../pool/distil-from-pool.ts'
import {CmiOptions} from './options.ts'
import {createSynthesis} from './synthesis.ts'
import {cmiMetricNames} from '../student/cmi-metric-names.ts'

/**
 * Contrastive model inversion (Fang et al., 2021). An epoch synthesises images, as synthesis.ts says, and teaches the
 * student with all epochs' images, and those it was given (`initialImages`), as distil-from-pool.ts says. Departs from the reference implementation in a memory
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
    (options, {random, progress, signal}) =>
    (pair) => {
      const {initialImages: path} = options
      if (path !== undefined) checkInput('--set initialImages', path)
      const [height, width, channels] = pair.teacher.network.architecture.input
      const initial =
        path === undefined
          ? undefined
          : () => loadImages(path, {height, width, channels}, {progress, signal, exact: true})
      const synthesis = createSynthesis(pair, options, random.fork('synthesis'))
      return distilFromPool(pair, options, synthesis, random, initial)
    },
})
