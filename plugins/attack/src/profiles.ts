import type {z} from 'zod'
import type {TrainingOptions} from '@abd/core/train'

/** How a teacher is trained where the user says nothing else. */
export interface Profile {
  readonly architecture: string
  /** Of rendered signs. */
  readonly perClass: number
  /** Beyond the defaults of the options. */
  readonly settings: z.input<typeof TrainingOptions>
}

/**
 * `short`: minutes on two cores. `mini`: some two minutes of one core, to try things out; unshifted
 * images let few epochs learn the trigger. `cifar10` and `gtsrb`: the recipes of ABD's
 * teachers (200 epochs, batch 128 with SGD or 256 with Adam, cosine by epochs, weight decay 5e-4, black borders; mirrored
 * only where that keeps the class).
 */
export const profiles: Readonly<Record<'short' | 'mini' | 'cifar10' | 'gtsrb', Profile>> = {
  short: {architecture: 'wrn-16-1', perClass: 400, settings: {}},
  mini: {architecture: 'wrn-16-1', perClass: 150, settings: {epochs: 6, batch: 32, shift: 0}},
  cifar10: {
    architecture: 'wrn-16-2',
    perClass: 400,
    settings: {epochs: 200, batch: 128, schedule: 'epoch-cosine', border: 'black', flip: true},
  },
  gtsrb: {
    architecture: 'wrn-16-2',
    perClass: 400,
    settings: {epochs: 200, batch: 256, optimiser: 'adam', schedule: 'epoch-cosine', border: 'black'},
  },
}
