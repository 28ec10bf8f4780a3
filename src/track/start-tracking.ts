import {randomUUID} from 'node:crypto'
import type {ChildRecorder, RecordedStatus, Recorder} from '../recorder.ts'
import {VERSION} from '../version.ts'
import {journalRecorder} from './journal-recorder.ts'
import {thisProcess} from '../holder.ts'
import type {Header} from './journal/operations.ts'
import {createJournal} from './journal/write-journal.ts'
import type {JournalWriter} from './journal/write-journal.ts'
import {goLive} from './live.ts'
import type {Destination, TrackingSettings} from './settings.ts'
import {sourceTags} from './source-tags.ts'
import {sampleSystem} from './system-metrics.ts'

export interface TrackingOptions {
  /** Folder of all journals. */
  readonly root: string
  /** Of the server; without it the run is only recorded. */
  readonly settings: TrackingSettings | undefined
  readonly destination: Destination
  /** Of the run, as people read it. */
  readonly name: string
  /** `abd audit`. */
  readonly source: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Of the run it lies below: `recorder.address` of that one. */
  readonly parent?: Header['parent']
  /** Of the run, where several processes record the same one; by default it is this one's own. */
  readonly shared?: SharedRun
}

/** A run that several processes record. */
export interface SharedRun {
  readonly uid: string
  /** Path of a file in a folder that all of them see: only one of them makes the run. */
  readonly lock: string
}

export interface TrackingDeps {
  readonly now: () => number
  readonly note: (line: string) => void
}

/** A job that is recorded, from its beginning to its end. */
export interface Tracking {
  readonly recorder: Recorder
  /** For a process that records a run below this one: its `ABD_TRACK_PARENT`. */
  readonly address: string
  /** Ends the run, and sends what is left, as long as that gets on. Says where things are; never rejects. */
  end(status: RecordedStatus, options?: {readonly patience?: number}): Promise<Ended>
}

export interface Ended {
  /** Folder of the journal. */
  readonly journal: string
  /** All of it is on the server. */
  readonly sent: boolean
  readonly runId?: string
  /** The run's page. */
  readonly url?: string
  readonly refused: number
}

/** Milliseconds without any progress after which a run that has ended is left to `abd track sync`. */
const PATIENCE = 30_000

/** Begins a run: its journal first, then, where there is a server, the way there. Throws what the disk says. */
export async function startTracking(
  {root, settings, destination, name, source, environment, parent, shared}: TrackingOptions,
  {now, note}: TrackingDeps,
): Promise<Tracking> {
  const live = settings && goLive(settings, {note})
  const writers: JournalWriter[] = []
  const open = (
    header: Omit<Header, 'version' | 'uid' | 'startTime' | 'writer'> & {uid?: string},
  ): JournalWriter => {
    const writer = createJournal(
      root,
      {uid: randomUUID().replaceAll('-', ''), ...header, version: 1, startTime: now(), writer: thisProcess()},
      {onAppend: () => live?.wake()},
    )
    writers.push(writer)
    live?.add(writer)
    return writer
  }
  const {experimentName, experimentId, runId} = destination
  const place = {
    experimentName,
    ...(experimentId === undefined ? {} : {experimentId}),
    ...(settings ? {uri: settings.uri} : {}),
  }
  const tags = await sourceTags({source, version: VERSION, environment})
  const main = open({
    ...place,
    name,
    ...(runId === undefined ? {} : {runId}),
    ...(parent ? {parent} : {}),
    ...shared,
    tags,
  })
  const recorderOf = (writer: JournalWriter): ChildRecorder =>
    journalRecorder(writer, {
      now,
      note,
      child: (childName) => {
        const {uid, runId: above} = writer.header
        const parent = {uid, ...(above === undefined ? {} : {runId: above})}
        return recorderOf(open({...place, name: childName, parent, tags}))
      },
    })
  const recorder = recorderOf(main)
  const system = isOff(environment['MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING'])
    ? undefined
    : sampleSystem(recorder, {seconds: Number(environment['MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL']) || 10})

  return {
    recorder,
    address: runId === undefined ? main.header.uid : `run:${runId}`,
    async end(status, {patience = PATIENCE} = {}) {
      system?.stop()
      recorder.end(status)
      const finished = await live?.finish({patience})
      for (const writer of writers) {
        const {waiting, error} = await writer.close()
        if (waiting > 0)
          note(
            `${waiting} lines of the run's record are lost: ${writer.folder} could not be written (${error instanceof Error ? error.message : String(error)}).`,
          )
      }
      const there = finished?.runs.get(main.folder)
      return {
        journal: main.folder,
        sent: finished?.sent ?? false,
        refused: [...(finished?.runs.values() ?? [])].reduce((sum, {refused}) => sum + refused, 0),
        ...(there && settings
          ? {
              runId: there.runId,
              url: `${settings.uri}/#/experiments/${there.experimentId}/runs/${there.runId}`,
            }
          : {}),
      }
    },
  }
}

/** What `address` says. Undefined for what is none. */
export function parentOf(address: string | undefined): Header['parent'] {
  if (address?.startsWith('run:')) return {uid: '', runId: address.slice(4)}
  return address !== undefined && /^[0-9a-f]{32}$/.test(address) ? {uid: address} : undefined
}

const isOff = (word: string | undefined): boolean => ['false', '0'].includes((word ?? '').toLowerCase())
