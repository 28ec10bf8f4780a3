import {silent} from '@abd/core'
import {createRandom, openEngine} from '@abd/core/engine'
import {distillerContract} from '@abd/core/testing'
import {describe, test} from 'node:test'
import {dafl} from '../dafl.js'

const engine = await openEngine('auto')
const context = (seed) => ({
  engine,
  random: createRandom(seed),
  progress: silent,
  signal: new AbortController().signal,
})

// What `abd` relies on: the same seed gives the same student, no tensor is left behind, a run can be taken up again, …
describe('the distiller dafl', () => {
  for (const {name, check} of distillerContract({
    method: dafl,
    options: {steps: 3, batch: 4},
    // At these rates rounding stays small over twenty steps: the graph of a step is compared with its operations.
    gentle: {steps: 20, learningRate: 1e-4, generatorRate: 1e-5},
    context,
  }))
    test(name, check)
})
