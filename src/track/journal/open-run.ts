import {readdir} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {waitForLock} from '../../wait-for-lock.ts'
import type {Lock} from '../../take-lock.ts'
import type {MlflowClient} from '../client/mlflow-client.ts'
import type {Run} from '../client/shapes.ts'
import {TrackingError, isMissing} from '../client/tracking-error.ts'
import {readCursor} from './folder.ts'
import type {Cursor, Header} from './operations.ts'

/** The run on the server that a journal goes to. */
export interface OpenRun {
  readonly runId: string
  readonly experimentId: string
  readonly artifactUri: string
  /** Throws where it was deleted, so that nothing is put aside for a reason that is not its own. */
  check(): Promise<void>
}

/** Which run is which, whatever became of the answer to its making. */
export const UID = 'abd.uid'

const TRIES = 8

/**
 * Finds the run or makes it, once: it carries the journal's own number, and before it is made, and after every answer
 * that was lost, it is looked for.
 */
export async function openRun({
  folder,
  header,
  cursor,
  client,
  keep,
  sleep,
}: {
  readonly folder: string
  readonly header: Header
  readonly cursor: Cursor
  readonly client: MlflowClient
  keep(change: Partial<Cursor>): Promise<void>
  readonly sleep: (milliseconds: number) => Promise<unknown>
}): Promise<OpenRun> {
  const {runId, experimentId, artifactUri} = cursor
  if (runId !== undefined && experimentId !== undefined && artifactUri !== undefined)
    return opened({runId, experimentId, artifactUri}, client)
  const run = header.runId === undefined ? await findOrCreate() : await client.getRun(header.runId)
  const {info} = run
  const found = {runId: info.run_id, experimentId: info.experiment_id, artifactUri: info.artifact_uri}
  await keep({...found, creating: false})
  return opened(found, client)

  async function findOrCreate(): Promise<Run> {
    await using _held = header.lock === undefined ? undefined : await whenFree(header.lock, sleep)
    return await findOrCreateAlone()
  }

  async function findOrCreateAlone(): Promise<Run> {
    const experiment = header.experimentId ?? (await client.ensureExperiment(header.experimentName))
    const parentId = header.parent && (await parentRunId(header.parent, {folder, client, experiment}))
    const look = async (times: number): Promise<Run | undefined> => {
      for (let i = 0; i < times; i++) {
        if (i > 0) await sleep(1000)
        const [there] = await client.searchRuns([experiment], `tags."${UID}" = '${header.uid}'`)
        if (there) return there
      }
      return undefined
    }
    let unsure = cursor.creating
    for (let attempt = 0; ; attempt++) {
      // A request of a killed process may still be on its way through the server.
      const there = await look(unsure ? 3 : 1)
      if (there) return there
      await keep({creating: true})
      try {
        return await client.createRun({
          experimentId: experiment,
          name: header.name,
          startTime: header.startTime,
          tags: {...header.tags, [UID]: header.uid, ...(parentId ? {'mlflow.parentRunId': parentId} : {})},
        })
      } catch (error) {
        const mayPass = error instanceof TrackingError && error.kind === 'away' && attempt < TRIES
        if (!mayPass) throw error
        unsure = true
        await sleep(Math.min(8000, 250 * 2 ** attempt))
      }
    }
  }
}

/** Throws E_TRACKING_LOCK where another process holds it all the time; where there is no place for a lock, goes without. */
async function whenFree(
  path: string,
  sleep: (milliseconds: number) => Promise<unknown>,
): Promise<Lock | undefined> {
  const lock = await waitForLock(path, {times: 40, pause: () => sleep(500)}).catch(() => undefined)
  if (!lock || 'path' in lock) return lock
  throw new TrackingError({
    kind: 'away',
    code: 'E_TRACKING_LOCK',
    message: `Another process (${lock.heldBy}) is making this run in MLflow.`,
    hints: [`If there is none, remove ${path}`, 'Then send it: abd track sync'],
  })
}

const opened = (run: Omit<OpenRun, 'check'>, client: MlflowClient): OpenRun => ({
  ...run,
  async check() {
    const {info} = await client.getRun(run.runId).catch((error: unknown) => {
      throw isMissing(error) ? deleted(run.runId, error) : error
    })
    if (info.lifecycle_stage !== 'active') throw deleted(run.runId)
  },
})

const deleted = (runId: string, cause?: unknown): TrackingError =>
  new TrackingError({
    kind: 'refused',
    code: 'E_TRACKING_DELETED',
    message: `The run ${runId} was deleted in MLflow.`,
    hints: ['Restore it there (mlflow runs restore), or remove its journal: see abd track status.'],
    cause,
  })

async function parentRunId(
  parent: NonNullable<Header['parent']>,
  {folder, client, experiment}: {folder: string; client: MlflowClient; experiment: string},
): Promise<string> {
  if (parent.runId !== undefined) return parent.runId
  const root = dirname(folder)
  for (const name of await readdir(root).catch(() => []))
    if (name.endsWith(`-${parent.uid.slice(0, 12)}`)) {
      const {runId} = await readCursor(join(root, name), client.settings.uri)
      if (runId !== undefined) return runId
    }
  const [there] = await client.searchRuns([experiment], `tags."${UID}" = '${parent.uid}'`)
  if (there) return there.info.run_id
  throw new TrackingError({
    kind: 'away',
    code: 'E_TRACKING_PARENT',
    message: 'The run above this one is not in MLflow yet.',
    hints: ['Send it first: abd track sync'],
  })
}
