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
  for (const {name, check} of distillerContract({method: dafl, options: {steps: 3, batch: 4}, context}))
    test(name, check)
})
