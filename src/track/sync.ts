import {rm} from 'node:fs/promises'
import type {Context} from '../context.ts'
import {openMlflow} from './client/mlflow-client.ts'
import {TrackingError} from './client/tracking-error.ts'
import {closeAbandoned} from './journal/close-abandoned.ts'
import {listJournals, readCursor, readHeader} from './journal/folder.ts'
import {replay} from './journal/replay.ts'
import {statusOf} from './journal/status-of.ts'
import type {JournalStatus} from './journal/status-of.ts'
import type {TrackingSettings} from './settings.ts'

export interface SyncOptions {
  readonly root: string
  /** Removes the journals of runs that have ended and are there as a whole. */
  readonly prune: boolean
}

export interface Synced {
  readonly name: string
  readonly journal: string
  readonly runId: string | null
  readonly lines: number
  readonly refused: number
  /** Another process is sending it, or writing it. */
  readonly busy: boolean
  readonly removed: boolean
  /** Why it could not be sent. */
  readonly problem: string | null
}

/**
 * Sends every journal as far as it goes. One that the server refuses as a whole (a deleted experiment) does not keep the
 * others; where the server itself is away or lets nobody in, nothing can go on: throws TrackingError.
 */
export async function syncJournals(
  {root, prune}: SyncOptions,
  settings: TrackingSettings,
  {
    progress,
    signal,
    now,
    sleep,
  }: Pick<Context, 'progress' | 'signal'> & {
    readonly now: () => number
    readonly sleep: (milliseconds: number) => Promise<unknown>
  },
): Promise<Synced[]> {
  await using client = await openMlflow(settings, {
    signal,
    onRetry: ({message}, seconds) => progress.note(`${message} Trying again in ${Math.ceil(seconds)} s.`),
  })
  const synced: Synced[] = []
  for (const folder of await listJournals(root)) {
    signal.throwIfAborted()
    const header = await readHeader(folder)
    await closeAbandoned(folder, header, now())
    const before = await statusOf(folder, settings.uri)
    const base = {name: header.name, journal: folder, runId: before.runId, lines: 0, refused: 0}
    if (before.waiting === 0 && before.runId !== null) {
      synced.push({...base, busy: false, problem: null, removed: prune && (await removeSent(folder, before))})
      continue
    }
    const task = progress.start(`Sending ${header.name}`, before.waiting)
    try {
      const done = await replay(folder, client, {sleep, onLines: (lines) => task.advance(lines)})
      const cursor = await readCursor(folder, settings.uri)
      const after = await statusOf(folder, settings.uri)
      synced.push({
        ...base,
        runId: cursor.runId ?? null,
        lines: done?.lines ?? 0,
        refused: done?.refused ?? 0,
        busy: !done,
        problem: null,
        removed: prune && (await removeSent(folder, after)),
      })
    } catch (error) {
      if (!(error instanceof TrackingError) || !isOfTheRun(error)) throw error
      synced.push({...base, busy: false, removed: false, problem: error.message})
    } finally {
      task.end()
    }
  }
  return synced
}

const isOfTheRun = ({code}: TrackingError): boolean =>
  ['E_TRACKING_DELETED', 'E_TRACKING_NOT_FOUND', 'E_TRACKING_REFUSED', 'E_TRACKING_PARENT'].includes(code)

/** Only what is there as a whole, with nothing refused: of the rest, this is the only copy. */
async function removeSent(folder: string, {waiting, state, refused}: JournalStatus): Promise<boolean> {
  if (waiting > 0 || state === 'writing' || refused > 0) return false
  await rm(folder, {recursive: true})
  return true
}
