import {z} from 'zod'
import {weight} from '../inversion/weight.ts'
import {poolOptions} from '../pool/options.ts'

/**
 * The defaults are the weights and rates of the reference's sweeps, for minutes instead of days: it takes 200 epochs of
 * 200 steps of synthesis on 256 images and 400 of the student.
 */
export const CmiOptions = z.strictObject({
  ...poolOptions({synthesisSteps: 40}),
  initialImages: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe(
      'Folder of images that were inverted before, of the size of the teacher’s: the student learns from them, too, from the start. None by default',
    ),
  generatorRate: z
    .number()
    .positive()
    .max(1)
    .default(1e-3)
    .describe('Of Adam, for generator, noise and projection'),
  inversion: weight.default(1).describe("Weight of the distance from the teacher's running statistics"),
  oneHot: weight.default(1).describe('Weight of the cross-entropy with the class that an image is to be of'),
  adversarial: weight.default(0.5).describe('Weight of what makes the student disagree'),
  contrast: weight.default(0.8).describe('Weight of what makes images unlike each other'),
  contrastTemperature: z.number().positive().max(100).default(0.1),
  bank: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(40_960)
    .describe('Images whose features are remembered at most'),
  negatives: z.int().min(0).max(100_000).default(4096).describe('Of them compared with in a step, at most'),
  emptyWhenFull: z
    .boolean()
    .default(false)
    .describe(
      'In the epoch in which the bank is exactly full, remember nothing: the loss is NaN then, and the first images are the best, as in the reference',
    ),
  freshStage: z
    .boolean()
    .default(false)
    .describe('A stage after the run begins without the images and features of before, as in the reference'),
})
export type CmiOptions = z.infer<typeof CmiOptions>
