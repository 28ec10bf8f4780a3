import {z} from 'zod'

/** What detectors that refine probes class by class let one choose, besides what is refined. */
export const adaptiveOptions = {
  classes: z.int().min(1).max(1000).default(10).describe('Classes with the best probes, which are refined'),
  finalists: z.int().min(1).max(1000).default(3).describe('Of these, refined to the end'),
  rounds: z
    .int()
    .min(1)
    .max(500)
    .default(20)
    .describe('A third of them for all classes, the rest for the finalists'),
  heldOut: z.int().min(40).max(5000).default(200).describe('Other images that the statistic is taken on'),
} as const
