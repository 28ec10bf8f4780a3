import {setTimeout as pause} from 'node:timers/promises'
import {openMlflow} from './client/mlflow-client.ts'
import type {MlflowClient} from './client/mlflow-client.ts'
import {TrackingError} from './client/tracking-error.ts'
import {replay} from './journal/replay.ts'
import type {JournalWriter} from './journal/write-journal.ts'
import type {TrackingSettings} from './settings.ts'

/** Journals on their way to a server while they are written. */
export interface Live {
  /** From now on also this one; those that were added before go first. */
  add(writer: JournalWriter): void
  /** Something was written: it goes out soon. */
  wake(): void
  /** Sends what is left, as long as it gets on, and stops. Never rejects; says whether all is there, and where. */
  finish(options: {
    readonly patience: number
  }): Promise<{readonly sent: boolean; readonly runs: ReadonlyMap<string, Sent>}>
}

/** Of a journal's folder: the run on the server. */
export interface Sent {
  readonly runId: string
  readonly experimentId: string
  readonly refused: number
}

/** Milliseconds: what is written within one goes out together. */
const GATHER = 1000
const LONGEST_PAUSE = 60_000

/**
 * Sends in the background. Nothing waits for it and nothing that fails in it reaches the job: where the server is away,
 * that is said once, and it is tried again with growing pauses; where it refuses, `abd track sync` sends it later.
 */
export function goLive(settings: TrackingSettings, {note}: {readonly note: (line: string) => void}): Live {
  const abort = new AbortController()
  const {signal} = abort
  const over = new AbortController()
  const writers: JournalWriter[] = []
  const runs = new Map<string, Sent>()
  let client: Promise<MlflowClient> | undefined
  let gaveUp = false
  let isAway = false
  let failures = 0
  let stirred = Promise.withResolvers<void>()
  let progress = performance.now()

  const sleep = async (milliseconds: number): Promise<void> => {
    signal.throwIfAborted()
    await pause(milliseconds, undefined, {signal, ref: false})
  }

  /** All that is written so far, of every journal. */
  async function pass(): Promise<void> {
    client ??= openMlflow(settings, {signal, retries: 1})
    const mlflow = await client
    for (const writer of writers) {
      await writer.flush()
      const done = await replay(writer.folder, mlflow, {sleep, onLines: () => (progress = performance.now())})
      if (!done) continue
      const {runId, experimentId, refused} = done
      runs.set(writer.folder, {
        runId,
        experimentId,
        refused: refused + (runs.get(writer.folder)?.refused ?? 0),
      })
    }
    if (isAway) note(`MLflow at ${settings.uri} is back.`)
    isAway = false
    failures = 0
  }

  async function safePass(): Promise<boolean> {
    try {
      await pass()
      return true
    } catch (error) {
      if (signal.aborted) return false
      failures++
      if (error instanceof TrackingError && error.kind === 'away') {
        if (!isAway) note(`${error.message} The run is recorded all the same, and sent when MLflow is back.`)
        isAway = true
        return false
      }
      gaveUp = true
      const hint = error instanceof TrackingError ? error.hints.map((words) => ` ${words}`).join('') : ''
      const words = error instanceof Error ? error.message : String(error)
      note(`${words}${hint} The run is recorded all the same: abd track sync sends it.`)
      return false
    }
  }

  async function loop(): Promise<void> {
    const rest = (milliseconds: number) => pause(milliseconds, undefined, {signal: over.signal, ref: false})
    while (!over.signal.aborted && !gaveUp) {
      await stirred.promise
      await rest(GATHER)
      stirred = Promise.withResolvers()
      if ((await safePass()) || gaveUp) continue
      stirred.resolve()
      await rest(Math.min(LONGEST_PAUSE, 1000 * 2 ** failures))
    }
  }
  let looping: Promise<void> | undefined

  return {
    add(writer) {
      writers.push(writer)
      // A pause that ends early is the only thing it can reject with.
      looping ??= loop().catch(() => {})
    },
    wake: () => stirred.resolve(),
    async finish({patience}) {
      over.abort()
      stirred.resolve()
      progress = performance.now()
      const watch = setInterval(() => {
        if (performance.now() - progress > patience) abort.abort(new Error('The server is too slow.'))
      }, 200)
      let sent = false
      try {
        // What is on its way ends first: one journal has one replay.
        await Promise.race([looping, aborted(signal)])
        for (let attempt = 0; !sent && !gaveUp && !signal.aborted && attempt < 4; attempt++) {
          if (attempt > 0) await pause(500 * 2 ** attempt, undefined, {signal}).catch(() => {})
          sent = await safePass()
        }
      } finally {
        clearInterval(watch)
        abort.abort()
        await looping
        const opened = await client?.catch(() => undefined)
        await Promise.resolve(opened?.[Symbol.asyncDispose]()).catch(() => {})
      }
      return {sent, runs}
    },
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), {once: true})
  })
