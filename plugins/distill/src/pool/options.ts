import {z} from 'zod'
import {sgdOptions} from '../student/sgd-options.ts'

/** What methods that teach from a pool of synthesised images have in common; `synthesisSteps` is the default. */
export const poolOptions = ({synthesisSteps}: {readonly synthesisSteps: number}) => ({
  epochs: z.int().min(1).max(10_000).default(10),
  synthesisSteps: z
    .int()
    .min(1)
    .max(10_000)
    .default(synthesisSteps)
    .describe('Steps an epoch in which images are synthesised'),
  synthesisBatch: z.int().min(2).max(4096).default(128).describe('Images synthesised an epoch; all are kept'),
  studentSteps: z
    .int()
    .min(1)
    .max(100_000)
    .default(100)
    .describe('Steps of the student an epoch, on all images so far'),
  batch: z.int().min(2).max(4096).default(128).describe('Images a step of the student'),
  ...sgdOptions,
  temperature: z.number().positive().max(100).default(20).describe("Of the student's distillation"),
  shift: z
    .int()
    .min(0)
    .max(64)
    .default(4)
    .describe("Random shifts of the student's images of up to as many pixels; 0 in the reference for GTSRB"),
  flip: z.boolean().default(true).describe('Mirror half of the images; not for signs'),
})
