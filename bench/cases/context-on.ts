import {silent} from '@abd/core'
import type {Context} from '@abd/core'
import {createRandom} from '@abd/core/engine'
import type {Engine} from '@abd/core/engine'

/** The same random numbers for each case. */
export const contextOn = (engine: Engine): Context => ({
  engine,
  random: createRandom(0),
  progress: silent,
  signal: new AbortController().signal,
})
