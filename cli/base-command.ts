import {Command, Errors, Flags} from '@oclif/core'
import {constants} from 'node:os'
import type {Context, Progress, Recorder, Registry} from '@abd/core'
import {errorJson, exitCodeOf, explain} from './explain.ts'
import {createProgress} from './progress.ts'
import {loadRegistry} from './registry.ts'
import type {TrackedRun} from './tracked.ts'
import type {TrackingFlags} from './tracking-flags.ts'

/** Engines a user can ask for; `auto` is the best one that is installed. */
export const engineFlag = Flags.option({
  options: ['auto', 'tensorflow', 'wasm', 'cpu'] as const,
  default: 'auto' as const,
  env: 'ABD_ENGINE',
  helpValue: 'auto|tensorflow|wasm|cpu',
  summary: 'Where the arithmetic runs (see: abd engine list).',
})

export const eagerFlag = Flags.boolean({
  summary: 'Run every step operation by operation, where tensorflow would run it as one graph.',
})

export const bf16Flag = Flags.boolean({
  summary:
    'Round the factors of convolutions and products to bfloat16, where the processor has instructions for it (tensorflow); refused elsewhere.',
})

export const seedFlag = Flags.integer({
  default: 0,
  min: 0,
  max: 2 ** 31 - 1,
  helpValue: 'N',
  summary: 'Seed of every random number; the same seed, engine and machine give the same numbers.',
})

/**
 * What every command shares: errors become a message, a remedy and an exit code (0 pass, 1 bug, 2 usage, 3 gate failed,
 * 4 environment, 130 interrupted, 143 asked to end), Ctrl-C becomes an abort signal, progress goes to standard error.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true

  readonly #abort = new AbortController()
  #progress: (Progress & {stop(): void}) | undefined

  protected get signal(): AbortSignal {
    return this.#abort.signal
  }

  protected get progress(): Progress {
    return (this.#progress ??= createProgress({stream: process.stderr, signal: this.signal}))
  }

  override async init(): Promise<void> {
    await super.init()
    process.once('SIGINT', this.#interrupt)
    process.once('SIGTERM', this.#interrupt)
  }

  #interrupt = (signal: NodeJS.Signals): void => {
    this.#abort.abort(new AbdInterrupted(signal))
    // A second Ctrl-C does not wait for the step that runs.
    process.once('SIGINT', () => process.kill(process.pid, 'SIGKILL'))
  }

  protected registry(): Promise<Registry> {
    return loadRegistry(this.config)
  }

  /** Opens the engine and gathers what methods need; dispose of it with `await using`. */
  protected async context(
    options: {
      engine: string
      seed: number
      eager?: boolean
      bf16?: boolean
    },
    recorder?: Recorder,
  ): Promise<Context & AsyncDisposable> {
    const {openEngine, createRandom} = await import('@abd/core/engine')
    const engine = await openEngine(options.engine as Parameters<typeof openEngine>[0], {
      eager: options.eager ?? false,
      bf16: options.bf16 ?? false,
      note: (line: string) => this.progress.note(line),
    })
    return {
      engine,
      random: createRandom(options.seed),
      progress: this.progress,
      signal: this.signal,
      ...(recorder ? {recorder} : {}),
      [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
    }
  }

  /** Runs `work` and records it, where the flags or MLflow's variables ask for that (see `tracked`). */
  protected async tracked<T>(
    flags: TrackingFlags,
    run: Omit<TrackedRun, 'source' | 'progress' | 'signal'>,
    work: (recorder: Recorder | undefined, address: string | undefined) => Promise<T>,
  ): Promise<T> {
    const {tracked} = await import('./tracked.ts')
    const source = `abd ${(this.id ?? '').replaceAll(':', ' ')}`
    return tracked(flags, {...run, source, progress: this.progress, signal: this.signal}, work)
  }

  protected override async catch(error: Error & {exitCode?: number}): Promise<void> {
    this.#progress?.stop()
    if (error instanceof Errors.ExitError) throw error
    const {aborted} = this.signal
    const code = aborted
      ? 128 + constants.signals[(this.signal.reason as AbdInterrupted).by]
      : exitCodeOf(error)
    process.exitCode = code
    if (this.jsonEnabled()) this.logJson(this.toErrorJson(error))
    else process.stderr.write(explain(error, {command: this.id ?? '', interrupted: aborted}))
    if (code === 1 && process.env['DEBUG']) process.stderr.write(`${error.stack}\n`)
  }

  protected override toErrorJson(error: unknown): unknown {
    return errorJson(error, {command: this.id ?? '', interrupted: this.signal.aborted})
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    this.#progress?.stop()
    process.removeListener('SIGINT', this.#interrupt)
    process.removeListener('SIGTERM', this.#interrupt)
    await super.finally(error)
  }
}

class AbdInterrupted extends Error {
  readonly by: NodeJS.Signals

  constructor(by: NodeJS.Signals) {
    super('Interrupted.')
    this.by = by
    this.name = 'AbortError'
  }
}
