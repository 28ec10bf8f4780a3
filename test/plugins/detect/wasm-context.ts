import type {Context} from '../../../src/context.ts'
import {silent} from '../../../src/context.ts'
import {createRandom} from '../../../src/engine/create-random.ts'
import {openEngine} from '../../../src/engine/open-engine.ts'

/** What detectors are run in here: on wasm, seed 1, silent. Whoever asks for it disposes of its engine. */
export const wasmContext = async (): Promise<Context> => ({
  engine: await openEngine('wasm'),
  random: createRandom(1),
  progress: silent,
  signal: new AbortController().signal,
})
