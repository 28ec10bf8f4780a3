import {existsSync} from 'node:fs'
import {stat} from 'node:fs/promises'
import type {MlflowClient} from '../client/mlflow-client.ts'
import type {Entries} from '../client/batches-of.ts'
import {TrackingError} from '../client/tracking-error.ts'
import {appendRefused} from './append-refused.ts'
import {readCursor, readHeader, within, writeCursor} from './folder.ts'
import {gather} from './gather.ts'
import type {Group} from './gather.ts'
import type {Cursor, Header} from './operations.ts'
import {openRun} from './open-run.ts'
import type {OpenRun} from './open-run.ts'
import {readOperations} from './read-operations.ts'
import {sendModel} from './send-model.ts'
import {sendVerdict} from './send-verdict.ts'
import {tryLock} from './try-lock.ts'

export interface Replayed {
  readonly runId: string
  readonly experimentId: string
  /** Lines that were sent now. */
  readonly lines: number
  /** Entries that the server refused for good, now. */
  readonly refused: number
  readonly ended: boolean
}

export interface ReplayOptions {
  /** Bytes of the journal to go to. */
  readonly until?: number
  /** Milliseconds, between one look for a run and the next. */
  readonly sleep: (milliseconds: number) => Promise<unknown>
  onLines?(lines: number): void
}

/**
 * Brings a run's journal to the server, from where the last replay stopped: in its order, and once, whatever was killed
 * or lost on the way. What the server refuses for good (a changed parameter) goes to `refused.jsonl` with its reason,
 * and the rest goes on. Answers undefined where another process is at it; throws TrackingError where nothing can go on.
 */
export async function replay(
  folder: string,
  client: MlflowClient,
  options: ReplayOptions,
): Promise<Replayed | undefined> {
  const done = await tryLock(within(folder).lock, async () => {
    const header = await readHeader(folder)
    const cursor = await readCursor(folder, client.settings.uri)
    return replayLocked(folder, {header, cursor, client}, options)
  })
  return done?.value
}

async function replayLocked(
  folder: string,
  {header, cursor: begin, client}: {header: Header; cursor: Cursor; client: MlflowClient},
  {until, sleep, onLines}: ReplayOptions,
): Promise<Replayed> {
  let cursor = begin
  const keep = async (change: Partial<Cursor>) => {
    cursor = {...cursor, ...change}
    await writeCursor(folder, cursor)
  }
  const files = within(folder)
  const size = existsSync(files.operations) ? (await stat(files.operations)).size : 0
  const run = await openRun({folder, header, cursor, client, keep, sleep})
  let lines = 0
  const before = cursor.refused
  if (cursor.done < size)
    for await (const group of gather(
      readOperations(files.operations, {from: cursor.done, until: Math.min(size, until ?? size)}),
    )) {
      const refused = await sendGroup(group, {folder, header, run, client, sleep})
      await keep({
        done: group.end,
        refused: cursor.refused + refused,
        ...(group.kind === 'end' ? {ended: true} : {}),
      })
      lines += group.lines
      onLines?.(group.lines)
    }
  return {...run, lines, refused: cursor.refused - before, ended: cursor.ended}
}

interface Sending {
  readonly folder: string
  readonly header: Header
  readonly run: OpenRun
  readonly client: MlflowClient
  readonly sleep: (milliseconds: number) => Promise<unknown>
}

/** How many entries of it were refused for good. */
async function sendGroup(group: Group, sending: Sending): Promise<number> {
  const {folder, run, client, header} = sending
  const {runId, artifactUri} = run
  const orRefused = (what: unknown, send: () => Promise<unknown>) => orAside(what, send, sending)
  switch (group.kind) {
    case 'entries':
      return sendEntries(group.entries, sending)
    case 'artifact': {
      const {path, sha256} = group.operation
      return orRefused(group.operation, () =>
        client.putArtifact(artifactUri, path, {file: within(folder).blob(sha256)}),
      )
    }
    case 'input':
      return orRefused(group.operation, () => client.logInputs(runId, [group.operation]))
    case 'model':
      return orRefused(group.operation, () => sendModel(group.operation, sending))
    case 'verdict':
      return orRefused(group.operation, () => sendVerdict(group.operation, {client, runId}))
    case 'end':
      // Whoever began a run ends it.
      if (header.runId !== undefined) return 0
      return orRefused(group.operation, () =>
        client.updateRun(runId, {status: group.operation.status, endTime: group.operation.at}),
      )
    case 'unknown':
      await appendRefused(folder, {line: group.text, reason: 'The line is damaged, or of a newer abd.'})
      return 1
  }
}

/** A server takes a batch whole or not at all: where it refuses one, its halves are tried, down to the culprit. */
async function sendEntries(entries: Required<Entries>, sending: Sending): Promise<number> {
  const {client, run} = sending
  try {
    await client.logBatch(run.runId, entries)
    return 0
  } catch (error) {
    if (!isOfTheValue(error)) throw error
    await sending.run.check()
    const all = [
      ...entries.params.map((entry) => ({kind: 'params' as const, entry})),
      ...entries.tags.map((entry) => ({kind: 'tags' as const, entry})),
      ...entries.metrics.map((entry) => ({kind: 'metrics' as const, entry})),
    ]
    if (all.length === 1) {
      await appendRefused(sending.folder, {...all[0]!, reason: (error as Error).message})
      return 1
    }
    const middle = all.length >> 1
    const part = (half: typeof all): Required<Entries> => ({
      params: half.flatMap((one) => (one.kind === 'params' ? [one.entry] : [])),
      tags: half.flatMap((one) => (one.kind === 'tags' ? [one.entry] : [])),
      metrics: half.flatMap((one) => (one.kind === 'metrics' ? [one.entry] : [])),
    })
    return (
      (await sendEntries(part(all.slice(0, middle)), sending)) +
      (await sendEntries(part(all.slice(middle)), sending))
    )
  }
}

async function orAside(what: unknown, send: () => Promise<unknown>, {folder, run}: Sending): Promise<number> {
  try {
    await send()
    return 0
  } catch (error) {
    if (!isOfTheValue(error) && !isMissingFile(error)) throw error
    await run.check()
    await appendRefused(folder, {entry: what, reason: (error as Error).message})
    return 1
  }
}

/** Is it about what was sent, and not about who sends it, or where to? */
const isOfTheValue = (error: unknown): boolean =>
  error instanceof TrackingError &&
  error.kind === 'refused' &&
  [
    'E_TRACKING_REFUSED',
    'E_TRACKING_ARTIFACTS',
    'E_TRACKING_PATH',
    'E_TRACKING_NOT_FOUND',
    'E_TRACKING_UNKNOWN_CALL',
  ].includes(error.code)

const isMissingFile = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'
