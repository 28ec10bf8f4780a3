import {silent} from '@abd/core'
import type {Engine} from '@abd/core/engine'
import {createRandom, openEngine} from '@abd/core/engine'
import {distillerContract} from '@abd/core/testing'
import {beforeAll, describe, test} from 'vitest'
import {selfRetrospection} from '../../../plugins/defend/src/self-retrospection/self-retrospection.ts'
import {shufflingVaccine} from '../../../plugins/defend/src/shuffling-vaccine.ts'
import {distillPlugin} from '../../../plugins/distill/src/index.ts'
import {smallDataset} from './small-dataset.ts'
import {smallPicture} from './small-picture.ts'

const source = smallPicture()
const data = smallDataset()

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('auto')
})

const context = (seed: number) => ({
  engine,
  random: createRandom(seed),
  progress: silent,
  signal: new AbortController().signal,
})

/** What each method needs to be done in seconds. */
const small: Readonly<Record<string, Record<string, unknown>>> = {
  ood: {source, patches: 8, batch: 4, epochs: 2, shift: 1},
  cmi: {epochs: 2, synthesisSteps: 2, studentSteps: 2, synthesisBatch: 4, batch: 4, negatives: 3},
  deepinversion: {epochs: 2, synthesisSteps: 2, studentSteps: 2, synthesisBatch: 4, batch: 4},
  dafl: {epochs: 3, cycles: 1, studentSteps: 2, batch: 4},
  dfq: {epochs: 3, cycles: 1, studentSteps: 1, batch: 4},
  dfad: {epochs: 3, cycles: 1, studentSteps: 1, batch: 4},
  clean_kd: {data, batch: 4, epochs: 2, shift: 1},
  zskt: {cycles: 3, studentSteps: 2, batch: 4},
}

describe.each(distillPlugin.methods)('the distiller $name', (method) => {
  const options = small[method.name]!
  for (const {name, check} of distillerContract({method, options, context})) test(name, check)

  describe('with the Shuffling Vaccine', () => {
    const defence = (
      pair: Parameters<ReturnType<typeof shufflingVaccine.create>>[0],
      own: ReturnType<typeof context>,
    ) => shufflingVaccine.create(shufflingVaccine.options.parse({layers: 2}), own)(pair)
    for (const {name, check} of distillerContract({method, options, context, defence})) test(name, check)
  })

  describe('with Self-Retrospection', () => {
    const defence = (
      pair: Parameters<ReturnType<typeof selfRetrospection.create>>[0],
      own: ReturnType<typeof context>,
    ) => selfRetrospection.create(selfRetrospection.options.parse({start: 0, rounds: 2}), own)(pair)
    // Its inner rounds start near zero: two engines differ by a hundredth of its loss after one step.
    const subject = {method, options, context, defence, amplifiesRounding: true}
    for (const {name, check} of distillerContract(subject)) test(name, check)
  })
})
