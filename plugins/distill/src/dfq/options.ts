import {z} from 'zod'
import {generativeOptions, temperature} from '../generative/options.ts'
import {weight} from '../inversion/weight.ts'

/**
 * The defaults are the weights and rates of the script that comes with CMI, for minutes instead of days: it takes 200
 * epochs of 40 cycles with 256 images a step.
 */
export const DfqOptions = z.strictObject({
  ...generativeOptions({cycles: 10, studentSteps: 10}),
  temperature,
  adversarial: weight.default(1).describe('Weight of what makes the student disagree'),
  inversion: weight.default(1).describe("Weight of the distance from the teacher's running statistics"),
  oneHot: weight.default(1).describe('Weight of what makes the teacher sure'),
  balance: weight.default(20).describe('Weight of what makes classes come alike'),
})
export type DfqOptions = z.infer<typeof DfqOptions>
