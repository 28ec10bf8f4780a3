import {z} from 'zod'

/** The defaults are the reference's, but for `cycles`: it takes 80 000, days on two cores. */
export const ZsktOptions = z.strictObject({
  cycles: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(400)
    .describe('Pseudo-batches: the generator’s steps and the student’s steps on what it then draws'),
  generatorSteps: z.int().min(1).max(1000).default(1).describe('Steps of the generator a cycle'),
  studentSteps: z.int().min(1).max(1000).default(10).describe('Steps of the student a cycle'),
  batch: z.int().min(2).max(4096).default(128).describe('Images a step'),
  learningRate: z.number().positive().max(1).default(2e-3).describe("Of the student's Adam, at the start"),
  generatorRate: z.number().positive().max(1).default(1e-3).describe("Of the generator's Adam, at the start"),
  temperature: z.number().positive().max(100).default(1).describe('0.5 in the reference for GTSRB'),
  attention: z
    .number()
    .min(0)
    .max(1e6)
    .default(250)
    .describe('Weight β of attention transfer; 0 in the reference for GTSRB'),
  clip: z.number().positive().max(1e6).default(5).describe('Largest norm of all gradients together'),
  repeats: z
    .boolean()
    .default(false)
    .describe('Taken up again, or for a stage after the run, take the last cycle again, as in the reference'),
})
export type ZsktOptions = z.infer<typeof ZsktOptions>
