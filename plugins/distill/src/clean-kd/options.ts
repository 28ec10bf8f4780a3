import {z} from 'zod'

/** The defaults are the reference's, but for `epochs`: it takes 170. */
export const CleanKdOptions = z.strictObject({
  data: z
    .string()
    .min(1)
    .max(4096)
    .default('signs')
    .describe(
      'Labelled training images: signs (rendered, ten classes) or a path as `abd methods dataset` lists',
    ),
  share: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe("Of the training images, drawn at random; 0.2 in the paper's comparison"),
  epochs: z.int().min(1).max(10_000).default(20),
  batch: z.int().min(2).max(4096).default(128).describe('Images a step; a smaller last batch is kept'),
  learningRate: z.number().positive().max(10).default(0.1).describe('Of SGD, constant'),
  momentum: z.number().min(0).lt(1).default(0.9),
  weightDecay: z.number().min(0).max(1).default(5e-4),
  alpha: z
    .number()
    .min(0)
    .max(1)
    .default(0.95)
    .describe("Weight of the teacher's answers; the labels have the rest"),
  temperature: z.number().positive().max(100).default(6),
  shift: z.int().min(0).max(64).default(4).describe('Random shifts of up to as many pixels'),
  flip: z.boolean().default(false).describe('Mirror half of the images; not for signs'),
  std: z
    .enum(['teacher', 'other'])
    .default('teacher')
    .describe(
      'What training images are divided by: what the teacher’s input is, or, where that is CIFAR-10’s 0.2023, 0.1994, 0.201, the reference’s other 0.247, 0.243, 0.261',
    ),
})
export type CleanKdOptions = z.infer<typeof CleanKdOptions>
