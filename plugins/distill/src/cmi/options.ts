import {z} from 'zod'

const weight = z.number().min(0).max(1e6)

/**
 * The defaults are the weights and rates of the reference's sweeps, for minutes instead of days: it takes 200 epochs of
 * 200 steps of synthesis on 256 images and 400 of the student.
 */
export const CmiOptions = z.strictObject({
  epochs: z.int().min(1).max(10_000).default(10),
  synthesisSteps: z
    .int()
    .min(1)
    .max(10_000)
    .default(40)
    .describe('Steps an epoch in which images are synthesised'),
  synthesisBatch: z.int().min(2).max(4096).default(128).describe('Images synthesised an epoch; all are kept'),
  studentSteps: z
    .int()
    .min(1)
    .max(100_000)
    .default(100)
    .describe('Steps of the student an epoch, on all images so far'),
  batch: z.int().min(2).max(4096).default(128).describe('Images a step of the student'),
  learningRate: z
    .number()
    .positive()
    .max(10)
    .default(0.1)
    .describe("Of the student's SGD, at the start; a cosine over epochs"),
  momentum: z.number().min(0).lt(1).default(0.9),
  weightDecay: z.number().min(0).max(1).default(1e-4),
  generatorRate: z
    .number()
    .positive()
    .max(1)
    .default(1e-3)
    .describe('Of Adam, for generator, noise and projection'),
  temperature: z.number().positive().max(100).default(20).describe("Of the student's distillation"),
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
  flip: z.boolean().default(true).describe('Mirror half of the images; not for signs'),
})
export type CmiOptions = z.infer<typeof CmiOptions>
