import {z} from 'zod'
import {sgdOptions} from '../student/sgd-options.ts'

/** What methods that teach with what a generator draws have in common; `cycles` and `studentSteps` are the defaults. */
export const generativeOptions = ({
  cycles,
  studentSteps,
}: {
  readonly cycles: number
  readonly studentSteps: number
}) => ({
  epochs: z.int().min(1).max(10_000).default(10),
  cycles: z
    .int()
    .min(1)
    .max(100_000)
    .default(cycles)
    .describe('An epoch: steps of the generator and the student’s steps on what it then draws'),
  generatorSteps: z.int().min(1).max(1000).default(1).describe('Steps of the generator a cycle'),
  studentSteps: z
    .int()
    .min(1)
    .max(1000)
    .default(studentSteps)
    .describe('Steps of the student a cycle, each on images of its own'),
  batch: z.int().min(2).max(4096).default(128).describe('Images a step; 256 in the reference'),
  ...sgdOptions,
  generatorRate: z.number().positive().max(1).default(1e-3).describe("Of the generator's Adam, constant"),
})

/** Of the student's distillation with KL. */
export const temperature = z
  .number()
  .positive()
  .max(100)
  .default(1)
  .describe("Of the student's distillation; 1 in the reference, whatever it is told")
