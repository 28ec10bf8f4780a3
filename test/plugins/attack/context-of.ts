import type {Context} from '@abd/core'
import {silent} from '@abd/core'
import {createRandom} from '@abd/core/engine'

/** All that poisoning needs of a context: no engine. */
export const contextOf = (seed = 3, signal: Context['signal'] = new AbortController().signal): Context =>
  ({random: createRandom(seed), progress: silent, signal}) as unknown as Context
