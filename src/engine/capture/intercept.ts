import type {OperationInput, RawAttribute, TensorFlowBackend} from '../tensorflow-backend.ts'
import type {Tensor} from '@tensorflow/tfjs-core'
import type {StepRun} from './step-run.ts'

/** Stands between tfjs' kernels and the binding. */
export interface Interceptor {
  /** All operations of `work` go through `run`. */
  during<T>(run: StepRun, work: () => T): T
  isBusy(): boolean
  /** The step that is running. */
  readonly running: StepRun | null
}

const interceptors = new WeakMap<object, Interceptor>()

/** The step that runs on a backend just now. */
export const stepRunOn = (backend: object): StepRun | null => interceptors.get(backend)?.running ?? null

/** One for each backend: made on the first call, and from then on in its way, where it does nothing but during a step. */
export function interceptorOf(backend: TensorFlowBackend): Interceptor {
  const there = interceptors.get(backend)
  if (there) return there
  let running: StepRun | null = null
  const original = {
    execute: backend.executeMultipleOutputs.bind(backend),
    read: backend.readSync.bind(backend),
    dispose: backend.disposeData.bind(backend),
    move: backend.move.bind(backend),
  }
  const execute = (
    name: string,
    attributes: readonly RawAttribute[],
    inputs: readonly OperationInput[],
    outputs: number,
  ): Tensor[] =>
    running
      ? running.execute({name, attributes, inputs, outputs})
      : original.execute(name, attributes, inputs, outputs)
  backend.executeMultipleOutputs = execute
  backend.executeSingleOutput = (name, attributes, inputs) => execute(name, attributes, inputs, 1)[0]!
  backend.readSync = (dataId) => {
    running?.beforeRead(dataId)
    return original.read(dataId)
  }
  backend.move = (dataId, ...rest) => {
    original.move(dataId, ...rest)
    running?.afterWrite(dataId)
  }
  backend.disposeData = (dataId, force) =>
    running ? running.dispose(dataId, () => original.dispose(dataId, force)) : original.dispose(dataId, force)
  const interceptor: Interceptor = {
    during(run, work) {
      running = run
      try {
        return work()
      } finally {
        running = null
      }
    },
    isBusy: () => running !== null,
    get running() {
      return running
    },
  }
  interceptors.set(backend, interceptor)
  return interceptor
}
