import {version_cpu} from '@tensorflow/tfjs-backend-cpu'
import {runEagerly} from './capture/run-eagerly.ts'
import type {BackendFacts} from './engine.ts'

/** Importing the backend registers it. Plain JavaScript: for tests on tiny tensors. */
export const registerCpu = (): BackendFacts => ({
  version: version_cpu,
  device: 'cpu',
  precision: 'float32',
  threads: 1,
  capture: runEagerly,
})
