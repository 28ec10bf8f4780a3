import {plan} from '../../../plugins/reproduce/src/plan.ts'
import type {Choice} from '../../../plugins/reproduce/src/plan.ts'
import {scales} from '../../../plugins/reproduce/src/scales.ts'

/** The jobs of a small table: one teacher, and its students by OOD and clean KD. */
export const smallGrid = (choice: Partial<Choice> = {}) =>
  plan(scales.mini, {
    triggers: ['badnet_grid'],
    methods: ['ood', 'clean_kd'],
    seeds: [0],
    dataset: 'signs',
    triggerSettings: [],
    ...choice,
  })

const sha256 = 'a'.repeat(64)

/** What `abd attack train --json` prints, as far as it is read. */
export const trained = (accuracy: number, asr: number) => ({
  engine: 'tensorflow',
  device: 'gpu',
  kept: 2,
  epochs: [
    {epoch: 1, loss: 1, accuracyPercent: 50, asrPercent: 25},
    {epoch: 2, loss: 0.5, accuracyPercent: 100 * accuracy, asrPercent: 100 * asr},
  ],
})

/** What `abd distill run --json` prints. */
export const distilled = (accuracy: number, asr: number, teacher = sha256) => ({
  configuration: {engine: 'tensorflow', teacher: {sha256: teacher}},
  device: 'gpu',
  measured: {
    student: {accuracyPercent: 100 * accuracy, asrPercent: 100 * asr},
    events: [{step: 3, event: 'The Shuffling Vaccine is on.'}],
    curve: [{step: 10, losses: {loss: 1}, accuracyPercent: 50 * accuracy, asrPercent: 50 * asr}],
  },
})
