import {z} from 'zod'
import {defineMethod} from '../method.ts'
import {loadDataset} from './load-dataset.ts'
import {demoSignClasses, signClasses} from './sign-classes.ts'
import {loadSigns} from './signs.ts'

const seed = z.number().int().min(0).default(0)

const signs = defineMethod({
  kind: 'dataset',
  name: 'signs',
  summary: 'Rendered traffic signs, 32x32 RGB: any of the 43 classes of GTSRB, by default ten',
  paper: 'https://doi.org/10.1016/j.neunet.2012.02.016',
  options: z.strictObject({
    classes: z
      .array(
        z
          .number()
          .int()
          .min(0)
          .max(signClasses.length - 1),
      )
      .min(2)
      .default([...demoSignClasses])
      .describe("GTSRB's class numbers"),
    perClass: z.number().int().min(1).max(10_000).default(400).describe('Training images a class'),
    testPerClass: z.number().int().min(1).max(10_000).default(100),
    seed,
  }),
  create: (options, context) => () => loadSigns(options, context),
})

const files = defineMethod({
  kind: 'dataset',
  name: 'files',
  summary:
    'Your own: CIFAR-10 and -100, GTSRB, idx files, .npz, .h5, or a folder with a sub-folder of pictures for each class',
  options: z.strictObject({
    path: z.string().min(1).default('.'),
    testShare: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.2)
      .describe('Of the images, where the files have no test set'),
    seed: seed.describe('Of the choice of the test set'),
  }),
  create: (options, context) => () => loadDataset(options, context),
})

/** The datasets that core itself brings. */
export const datasetMethods = [signs, files] as const
