import {z} from 'zod'
import {generativeOptions, temperature} from '../generative/options.ts'
import {weight} from '../inversion/weight.ts'

/**
 * The defaults are the weights and rates of the script that comes with CMI, for minutes instead of days: it takes 200
 * epochs of 80 cycles with 256 images a step.
 */
export const DaflOptions = z.strictObject({
  ...generativeOptions({cycles: 20, studentSteps: 5}),
  temperature,
  oneHot: weight.default(1).describe('Weight of what makes the teacher sure'),
  activation: weight.default(1e-3).describe("Weight of what excites the teacher's features"),
  balance: weight.default(20).describe('Weight of what makes classes come alike'),
})
export type DaflOptions = z.infer<typeof DaflOptions>
