import type {Context} from '../../src/context.ts'
import {silent} from '../../src/context.ts'
import {createRandom} from '../../src/engine/create-random.ts'
import type {EngineName} from '../../src/engine/engine.ts'
import {openEngine} from '../../src/engine/open-engine.ts'

/** What methods are run in here: seed 1, silent. Whoever asks for it disposes of its engine. */
export const contextOn = async (engine: EngineName): Promise<Context> => ({
  engine: await openEngine(engine),
  random: createRandom(1),
  progress: silent,
  signal: new AbortController().signal,
})
