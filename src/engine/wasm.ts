import {version_wasm} from '@tensorflow/tfjs-backend-wasm'
import {runEagerly} from './capture/run-eagerly.ts'
import type {BackendFacts} from './engine.ts'

/** Importing the backend registers it. In Node it runs on one thread, with SIMD. */
export const registerWasm = (): BackendFacts => ({
  version: version_wasm,
  device: 'cpu',
  precision: 'float32',
  threads: 1,
  capture: runEagerly,
})
