import {defineMethod} from '@abd/core'
import {z} from 'zod'
import {inspectByInversion} from '../inversion/inspect-by-inversion.ts'
import {inversionOptions} from '../inversion/options.ts'
import {needsGenerator, searchImages, sourceOption} from '../inversion/search-images.ts'

/**
 * The norm of a targeted universal perturbation (Moosavi-Dezfooli et al., CVPR 2017), class by class, as a sign of a
 * backdoor (Wang et al., ECCV 2020): an additive pattern over the whole image, as blended triggers are, leads to the target with
 * a smaller norm than to other classes. From the loop that inverts masks.
 */
export const universalPerturbation = defineMethod({
  kind: 'detector',
  name: 'universal_perturbation',
  summary: 'A class that one faint pattern over the whole image leads to, fainter than to any other',
  paper: 'https://arxiv.org/abs/2007.15802',
  options: z.strictObject({
    ...inversionOptions,
    rate: z.number().positive().max(10).default(0.02).describe('Learning rate of Adam'),
    source: sourceOption,
  }),
  create: ({source, ...options}) => ({
    version: 1,
    needs: 'gradient',
    async inspect(model, evidence, context) {
      const images = await searchImages(source, model, evidence, context)
      if (!images) return needsGenerator
      return inspectByInversion(
        {model, ...images, context, label: 'Universal perturbations', name: 'perturbation'},
        {...options, form: 'perturbation'},
      )
    },
  }),
})
