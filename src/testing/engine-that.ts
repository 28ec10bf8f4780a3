import type {Engine} from '../engine/engine.ts'
import {runEagerly} from '../engine/capture/run-eagerly.ts'

/** Steps that are worth capturing. */
const MANY = 1000

/** The same engine, where every step is captured, however few there are, or none. */
export const engineThat = (
  engine: Engine,
  {captures, note}: {readonly captures: boolean; note(line: string): void},
): Engine => ({
  ...engine,
  capture: captures ? (options) => engine.capture({...options, times: MANY, note}) : runEagerly,
})
