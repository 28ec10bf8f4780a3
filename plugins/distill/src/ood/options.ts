import {z} from 'zod'

/** The defaults are sized for minutes on two cores; the reference trains 50 000 patches for 300 epochs. */
export const OodOptions = z.strictObject({
  patches: z
    .int()
    .min(2)
    .max(1_000_000)
    .default(4000)
    .describe('Patches cut out of pictures that have nothing to do with the task'),
  source: z
    .string()
    .min(1)
    .max(4096)
    .default('photos')
    .describe(
      'Pictures to cut from: photos (two that ship), procedural, or the path of a picture or a folder of them',
    ),
  epochs: z.int().min(1).max(10_000).default(20),
  batch: z.int().min(2).max(4096).default(128).describe('Patches a step; a smaller last batch is left out'),
  learningRate: z.number().positive().max(1).default(3e-3).describe('At the start; 1e-3 in the reference'),
  optimiser: z.enum(['adam', 'sgd']).default('adam').describe('The reference has both'),
  momentum: z.number().min(0).lt(1).default(0.9).describe('Of sgd'),
  weightDecay: z.number().min(0).max(1).default(5e-4).describe('Of sgd'),
  schedule: z
    .enum(['cosine', 'step', 'constant'])
    .default('cosine')
    .describe('Of the learning rate; step: halved after 150, 300 and 600 epochs'),
  temperature: z.number().positive().max(100).default(4),
  loss: z
    .enum(['batchmean', 'mean'])
    .default('batchmean')
    .describe('T² / N times the sum of KL, or its plain mean over N · classes as in the reference'),
  retrospection: z
    .enum(['loss', 'batchmean'])
    .default('loss')
    .describe(
      'What Self-Retrospection measures in: the loss’s own units, or batchmean; with loss=mean it is T² · classes heavier so, as in the reference',
    ),
  cutMix: z.number().positive().max(100).default(0.25).describe('α of Beta(α, α), which sizes the boxes'),
  boxes: z
    .enum(['image', 'batch'])
    .default('image')
    .describe('A box of its own for each image, or one for a whole batch as in the reference'),
  cutMixProbability: z.number().min(0).max(1).default(1),
  shift: z.int().min(0).max(64).default(4).describe('Random shifts of up to as many pixels'),
  flip: z.boolean().default(true).describe('Mirror half of the patches'),
})
export type OodOptions = z.infer<typeof OodOptions>
