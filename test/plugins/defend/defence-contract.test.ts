import {silent} from '@abd/core'
import type {Engine} from '@abd/core/engine'
import {createRandom, openEngine} from '@abd/core/engine'
import {defenceContract} from '@abd/core/testing'
import {beforeAll, describe, test} from 'vitest'
import {defendPlugin} from '../../../plugins/defend/src/index.ts'

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

describe.each(defendPlugin.methods)('the defence $name', (method) => {
  for (const {name, check} of defenceContract({method, context})) test(name, check)
})
