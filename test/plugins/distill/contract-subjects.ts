import {silent} from '@abd/core'
import type {Engine} from '@abd/core/engine'
import {createRandom} from '@abd/core/engine'
import type {DistillerSubject} from '@abd/core/testing'
import {selfRetrospection} from '../../../plugins/defend/src/self-retrospection/self-retrospection.ts'
import {shufflingVaccine} from '../../../plugins/defend/src/shuffling-vaccine.ts'
import {distillPlugin} from '../../../plugins/distill/src/index.ts'
import {smallDataset} from './small-dataset.ts'
import {smallPicture} from './small-picture.ts'

type Settings = Readonly<Record<string, unknown>>

const source = smallPicture()
const data = smallDataset()

/** What each method needs to be done in seconds. */
const small: Readonly<Record<string, Settings>> = {
  ood: {source, patches: 8, batch: 4, epochs: 2, shift: 1},
  cmi: {epochs: 2, synthesisSteps: 2, studentSteps: 2, synthesisBatch: 4, batch: 4, negatives: 3},
  deepinversion: {epochs: 2, synthesisSteps: 2, studentSteps: 2, synthesisBatch: 4, batch: 4},
  dafl: {epochs: 3, cycles: 1, studentSteps: 2, batch: 4},
  dfq: {epochs: 3, cycles: 1, studentSteps: 1, batch: 4},
  dfad: {epochs: 3, cycles: 1, studentSteps: 1, batch: 4},
  clean_kd: {data, batch: 4, epochs: 2, shift: 1},
  zskt: {cycles: 3, studentSteps: 2, batch: 4},
}

const slow = {learningRate: 1e-4, generatorRate: 1e-5}

/** At which little is made of rounding: at their own, ZSKT's losses differ by a tenth after five cycles. OOD's own will do. */
const rates: Readonly<Record<string, Settings>> = {
  cmi: slow,
  deepinversion: {learningRate: 1e-4, imageRate: 1e-4},
  dafl: slow,
  dfq: slow,
  dfad: slow,
  clean_kd: {learningRate: 1e-3},
  zskt: {learningRate: 1e-5, generatorRate: 1e-5},
}

/** Of one epoch: a pool and a memory that have grown are other courses of the steps, of which few are captured. */
const halves = {epochs: 1, synthesisSteps: 10, studentSteps: 10}

/** That make twenty steps. */
const lengths: Readonly<Record<string, Settings>> = {
  ood: {epochs: 10},
  cmi: halves,
  deepinversion: halves,
  dafl: {epochs: 20},
  dfq: {epochs: 20},
  dfad: {epochs: 20},
  clean_kd: {epochs: 20},
  zskt: {cycles: 20},
}

const context = (engine: () => Engine) => (seed: number) => ({
  engine: engine(),
  random: createRandom(seed),
  progress: silent,
  signal: new AbortController().signal,
})

/** Every distiller there is, undefended, in seconds; the engine is asked for when a clause begins. */
export const subjects = (engine: () => Engine): readonly DistillerSubject[] =>
  distillPlugin.methods.map((method) => ({
    method,
    options: small[method.name]!,
    gentle: {...rates[method.name], ...lengths[method.name]},
    context: context(engine),
  }))

export const vaccinated = (subject: DistillerSubject): DistillerSubject => ({
  ...subject,
  defence: (pair, own) => shufflingVaccine.create(shufflingVaccine.options.parse({layers: 2}), own)(pair),
})

/**
 * From noise that is not near zero, by short steps: Adam's first is as long as its rate, up or down, where a gradient is
 * nearly 0. By its own values, captured and eager losses of the first step differ by 7 %.
 */
const retrospection = {start: 0, rounds: 2, rate: 1e-3, noise: 1}

export const retrospective = (subject: DistillerSubject): DistillerSubject => ({
  ...subject,
  options: {...subject.options, ...rates[subject.method.name]},
  defence: (pair, own) => selfRetrospection.create(selfRetrospection.options.parse(retrospection), own)(pair),
})
