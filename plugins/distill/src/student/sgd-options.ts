import {z} from 'zod'

/** Of a student that learns from what is synthesised for it. */
export const sgdOptions = {
  learningRate: z
    .number()
    .positive()
    .max(10)
    .default(0.1)
    .describe("Of the student's SGD, at the start; a cosine over epochs"),
  momentum: z.number().min(0).lt(1).default(0.9),
  weightDecay: z.number().min(0).max(1).default(1e-4),
}
