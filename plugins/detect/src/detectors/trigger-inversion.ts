import {defineMethod} from '@abd/core'
import {z} from 'zod'
import {inspectByInversion} from '../inversion/inspect-by-inversion.ts'
import {inversionOptions} from '../inversion/options.ts'
import {needsGenerator, searchImages, sourceOption} from '../inversion/search-images.ts'

/**
 * Neural Cleanse (Wang et al., IEEE S&P 2019) without data: for every class the smallest mask and pattern that moves images
 * into it, on images that have nothing to do with the task or on synthetic ones. A backdoor's target needs a smaller one.
 * Departs from the paper in the null: no fixed cut at an anomaly index of 2, which clean networks pass as well.
 */
export const triggerInversion = defineMethod({
  kind: 'detector',
  name: 'trigger_inversion',
  summary:
    'A class that a smaller patch leads to than to any other: mask and pattern inverted for every class',
  paper: 'https://doi.org/10.1109/SP.2019.00031',
  options: z.strictObject({...inversionOptions, source: sourceOption}),
  create: ({source, ...options}) => ({
    version: 1,
    needs: 'gradient',
    async inspect(model, evidence, context) {
      const images = await searchImages(source, model, evidence, context)
      if (!images) return needsGenerator
      return inspectByInversion(
        {model, ...images, context, label: 'Trigger inversion', name: 'inverted'},
        {...options, form: 'mask'},
      )
    },
  }),
})
