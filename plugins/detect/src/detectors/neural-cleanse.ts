import {defineMethod} from '@abd/core'
import type {Random} from '@abd/core/engine'
import type {Evidence} from '@abd/core/audit'
import type {Images} from '@abd/core/data'
import {takeImages} from '@abd/core/data'
import {z} from 'zod'
import {inspectByInversion} from '../inversion/inspect-by-inversion.ts'
import {inversionOptions} from '../inversion/options.ts'
import {notApplicable} from './not-applicable.ts'

/** Images to search on, at most; as many others confirm. */
const MOST = 500

/** Below it, the halves are too few to search on and to confirm on. */
const FEWEST = 20

/** Of the images of the task that were given, labelled or not: those drawn to search on, and others. */
export function taskImages(
  {data, images}: Evidence,
  random: Random,
): {readonly base: Images; readonly heldOut: Images} | undefined {
  const given = data?.images ?? images
  if (!given || given.count < FEWEST) return undefined
  // A folder comes class by class: which images are searched on is drawn.
  const order = random.fork('task').permutation(given.count)
  const half = Math.min(MOST, given.count >> 1)
  return {
    base: takeImages(given, order.subarray(0, half)),
    heldOut: takeImages(given, order.subarray(half, 2 * half)),
  }
}

export const needsTask = notApplicable(
  `it needs ${FEWEST} images of the task or more: give them with --data or --images`,
)

/** Neural Cleanse (Wang et al., IEEE S&P 2019) as it was published: on images of the task. See `trigger_inversion`. */
export const neuralCleanse = defineMethod({
  kind: 'detector',
  name: 'neural_cleanse',
  summary: 'A class that a smaller patch leads to than to any other, inverted on images of the task',
  paper: 'https://doi.org/10.1109/SP.2019.00031',
  options: z.strictObject(inversionOptions),
  create: (options) => ({
    version: 1,
    needs: 'gradient',
    needsTaskImages: true,
    async inspect(model, evidence, context) {
      const images = taskImages(evidence, context.random)
      if (!images) return needsTask
      return inspectByInversion(
        {model, ...images, context, label: 'Neural Cleanse', name: 'inverted on your images'},
        {...options, form: 'mask'},
      )
    },
  }),
})
