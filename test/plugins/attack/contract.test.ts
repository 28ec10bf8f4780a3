import {silent} from '@abd/core'
import type {Engine} from '@abd/core/engine'
import {createRandom, openEngine} from '@abd/core/engine'
import {triggerContract} from '@abd/core/testing'
import {beforeAll, describe, test} from 'vitest'
import {triggers} from '../../../plugins/attack/src/triggers/index.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('cpu')
})

const context = (seed: number) => ({
  engine,
  random: createRandom(seed),
  progress: silent,
  signal: new AbortController().signal,
})

describe.each(triggers)('the trigger $name', (method) => {
  for (const {name, check} of triggerContract({method, context})) test(name, check)
})
