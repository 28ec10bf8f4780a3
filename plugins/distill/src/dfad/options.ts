import {z} from 'zod'
import {generativeOptions} from '../generative/options.ts'

/**
 * The defaults are the turns and rates of the authors' code, for minutes instead of days: it takes 500 epochs of 50 cycles
 * with 256 images a step. Its weight decay is 5e-4.
 */
export const DfadOptions = z.strictObject({
  ...generativeOptions({cycles: 20, studentSteps: 5}),
  images: z
    .enum(['standardised', 'sigmoid'])
    .default('standardised')
    .describe(
      'What the generator ends with: standardised by batch as by DFAD’s authors, or the sigmoid of CMI’s code',
    ),
})
export type DfadOptions = z.infer<typeof DfadOptions>
