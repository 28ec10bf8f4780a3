import type {Engine} from './engine/engine.ts'
import type {Random} from './engine/random.ts'
import type {Recorder} from './recorder.ts'

/** One piece of work that takes time. `advance` moves it on; `end` closes it (twice does no harm). */
export interface Task {
  advance(steps?: number, note?: string): void
  end(): void
}

/** Who shows how far things are. The CLI draws bars with the time left; tests and the library default stay silent. */
export interface Progress {
  start(label: string, total: number): Task
  /** One line for people, for what is worth knowing and is not an error. */
  note(line: string): void
}

export const silent: Progress = {
  start: () => ({advance() {}, end() {}}),
  note() {},
}

/** Everything ambient, passed in. */
export interface Context {
  readonly engine: Engine
  readonly random: Random
  readonly progress: Progress
  /** Aborted on Ctrl-C; every loop calls `signal.throwIfAborted()` once a step. */
  readonly signal: AbortSignal
  /** Keeps what the job has to tell (MLflow); nobody does where it is absent. */
  readonly recorder?: Recorder
}
