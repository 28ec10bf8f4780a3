import type {DataFree, Method} from './job.ts'

type Values = Readonly<Record<string, string | number | boolean>>

/** What a grid runs, where the user does not narrow it down. */
export interface Scale {
  /** Undefined where the user has to give it. */
  readonly dataset: string | undefined
  readonly triggers: readonly string[]
  readonly seeds: readonly number[]
  /** Of `abd attack train`. */
  readonly teacher: {readonly flags: Values; readonly settings: Values}
  /** Options of the methods, and the steps between two measurements. */
  readonly students: Readonly<Record<Method, {readonly settings: Values; readonly every: number}>>
  /** Options of the two halves of ABD. */
  readonly abd: Readonly<Record<DataFree, Values>>
}

/**
 * `mini`: ten rendered signs, teachers and students of the size WRN-16-1, small batches and few steps. The teachers' recipe
 * is that of the poisoned example, longer: shifts cut at the border (docs/decisions/0011), and after ten epochs a backdoor is
 * there on one machine and not on another. One layer is shuffled (0010). ZSKT has the reference's values for traffic
 * signs: no attention, temperature 0.5. Its Self-Retrospection has an optimiser of its own, as in the reference's stage
 * (0055), and perturbs a quarter of a batch: 2 of 128 rows over 6000 steps are 12 000 there, 8 of 32 over 600 are 4800 here.
 *
 * `paper`: CIFAR-10, WRN-16-2 to WRN-16-1, with the values of the reference's sweeps: 80 000 cycles of ZSKT, 200 epochs
 * of CMI, 300 of OOD on 50 000 patches, clean KD with a fifth of the data. Self-Retrospection sets in where the sweeps
 * resume from their late checkpoints, 79 399, 198 and 298, with the larger of their learning rates.
 */
export const scales: Readonly<Record<'mini' | 'paper', Scale>> = {
  mini: {
    dataset: 'signs',
    triggers: ['badnet_grid', 'trojan_wm', 'trojan_8x8'],
    seeds: [0, 1, 2],
    teacher: {flags: {seed: 2, epochs: 16}, settings: {batch: 64, shift: 2, border: 'black'}},
    students: {
      zskt: {settings: {cycles: 600, batch: 32, attention: 0, temperature: 0.5}, every: 60},
      cmi: {
        settings: {
          epochs: 6,
          synthesisBatch: 64,
          studentSteps: 200,
          batch: 32,
          negatives: 512,
          flip: false,
        },
        every: 240,
      },
      ood: {settings: {epochs: 20, batch: 64}, every: 124},
      clean_kd: {settings: {share: 0.2, epochs: 20, batch: 32}, every: 50},
    },
    abd: {
      zskt: {layers: 1, start: 0.9, learningRate: 5e-4, share: 0.25},
      cmi: {layers: 1, start: 0.75},
      ood: {layers: 1, start: 0.95},
    },
  },
  paper: {
    dataset: undefined,
    triggers: [
      ...['badnet_grid', 'trojan_wm', 'trojan_3x3', 'blend', 'trojan_8x8'],
      ...['badnet_sq', 'cl', 'sig', 'l2_inv', 'l0_inv'],
    ],
    seeds: [0, 1, 2],
    teacher: {flags: {profile: 'cifar10', seed: 0, keep: 'best'}, settings: {}},
    students: {
      zskt: {settings: {cycles: 80_000}, every: 2000},
      cmi: {
        settings: {epochs: 200, synthesisSteps: 200, synthesisBatch: 256, studentSteps: 400},
        every: 6000,
      },
      ood: {
        settings: {
          epochs: 300,
          patches: 50_000,
          batch: 512,
          learningRate: 1e-3,
          schedule: 'step',
          temperature: 8,
          loss: 'mean',
          boxes: 'batch',
        },
        every: 970,
      },
      clean_kd: {settings: {share: 0.2, epochs: 170, flip: true}, every: 790},
    },
    abd: {
      zskt: {start: 0.9925, learningRate: 5e-4},
      cmi: {start: 0.99, learningRate: 5e-4},
      ood: {ascent: 0.1, start: 0.9934, learningRate: 5e-4},
    },
  },
}
