import type {Normalisation} from './images.ts'

/**
 * Means and standard deviations of the training images of well-known datasets, as the reference implementation of ABD
 * normalises them; `signs` is that of the rendered traffic signs, and `unit` leaves [0, 1] as it is.
 */
export const normalisations = {
  cifar10: {mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201]},
  cifar100: {mean: [0.5071, 0.4867, 0.4408], std: [0.2675, 0.2565, 0.2761]},
  gtsrb: {mean: [0.3403, 0.3121, 0.3214], std: [0.2724, 0.2608, 0.2669]},
  signs: {mean: [0.4, 0.36, 0.37], std: [0.26, 0.24, 0.25]},
  imagenet: {mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]},
  half: {mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5]},
  unit: {mean: [0, 0, 0], std: [1, 1, 1]},
  mnist: {mean: [0.1307], std: [0.3081]},
  'half-grey': {mean: [0.5], std: [0.5]},
  'unit-grey': {mean: [0], std: [1]},
} as const satisfies Readonly<Record<string, Normalisation>>

export type NormalisationName = keyof typeof normalisations
