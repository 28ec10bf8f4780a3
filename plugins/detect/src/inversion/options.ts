import {z} from 'zod'

/** What detectors that invert triggers let one choose. */
export const inversionOptions = {
  images: z.int().min(1).max(256).default(8).describe('Images of a class in one step'),
  steps: z.int().min(1).max(5000).default(150),
  rate: z.number().positive().max(10).default(0.1).describe('Learning rate of Adam'),
  batch: z.int().min(1).max(4096).default(160).describe('Images in one pass, over classes'),
} as const
