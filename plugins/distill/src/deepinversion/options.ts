import {z} from 'zod'
import {weight} from '../inversion/weight.ts'
import {poolOptions} from '../pool/options.ts'

/**
 * The defaults are the weights and rates of the script that comes with CMI, for minutes instead of days: it takes 200
 * epochs of 1000 steps of synthesis on 256 images and 400 of the student.
 */
export const DeepInversionOptions = z.strictObject({
  ...poolOptions({synthesisSteps: 100}),
  imageRate: z
    .number()
    .positive()
    .max(10)
    .default(0.1)
    .describe('Of Adam, for pixels of normalised images; constant'),
  inversion: weight.default(10).describe("Weight of the distance from the teacher's running statistics"),
  oneHot: weight.default(1).describe('Weight of the cross-entropy with the class that an image is to be of'),
  adversarial: weight.default(1).describe('Weight of what makes the student disagree'),
  variation: weight.default(1e-3).describe('Weight of what makes images smooth'),
})
export type DeepInversionOptions = z.infer<typeof DeepInversionOptions>
