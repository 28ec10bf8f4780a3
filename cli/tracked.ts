import type {AbdError, Progress, Recorder} from '@abd/core'
import type {Ended, SharedRun, Tracking, TrackingSettings} from '@abd/core/track'
import type {TrackingFlags} from './tracking-flags.ts'

export interface TrackedRun {
  /** As people read it; --run-name stands before it. */
  readonly name: string
  /** `abd audit`. */
  readonly source: string
  readonly progress: Progress
  readonly signal: AbortSignal
  /** Did the job end, and yet fail? */
  readonly hasFailed?: (result: never) => boolean
  /** Where several processes record the same run. */
  readonly shared?: SharedRun
  /** `address` of the run above it (default: ABD_TRACK_PARENT). */
  readonly parent?: string
}

/** Milliseconds: whoever pressed Ctrl-C waits no longer for a server. */
const INTERRUPTED = 3000

/**
 * Runs `work` with a recorder, where --mlflow, --track or MLflow's variables ask for one; without, where not. The run's
 * record and its way to the server change nothing about the job: what goes wrong there is a line for people. Throws
 * what `work` throws, and E_TRACKING_URI where --mlflow names no server.
 */
export async function tracked<T>(
  flags: TrackingFlags,
  run: TrackedRun,
  work: (recorder: Recorder | undefined, address: string | undefined) => Promise<T>,
): Promise<T> {
  const tracking = await begin(flags, run)
  if (!tracking) return work(undefined, undefined)
  const tell = (ended: Ended) => run.progress.note(told(ended))
  let result: T
  try {
    result = await work(tracking.recorder, tracking.address)
  } catch (error) {
    const {aborted} = run.signal
    tell(await tracking.end(aborted ? 'KILLED' : 'FAILED', aborted ? {patience: INTERRUPTED} : {}))
    throw error
  }
  tell(await tracking.end(run.hasFailed?.(result as never) ? 'FAILED' : 'FINISHED'))
  return result
}

async function begin(
  flags: TrackingFlags,
  {name, source, progress, shared, parent: above}: TrackedRun,
): Promise<Tracking | undefined> {
  const {env} = process
  const isAsked = flags.mlflow !== undefined || flags.track || env['MLFLOW_TRACKING_URI']
  if (flags.track === false || !isAsked) return undefined
  const {destinationOf, journalFolder, parentOf, startTracking, trackingSettings} =
    await import('@abd/core/track')
  let settings: TrackingSettings | undefined
  try {
    settings = trackingSettings(env, {uri: flags.mlflow})
  } catch (error) {
    // Somebody set that variable for other programs, too: it is no reason not to work.
    if (flags.mlflow !== undefined) throw error
    const {message, hints} = error as AbdError
    progress.note(`${message} ${hints.join(' ')} The run is recorded only.`)
  }
  const parent = parentOf(above ?? env['ABD_TRACK_PARENT'])
  const {runId, ...place} = destinationOf(env, {experiment: flags.experiment})
  try {
    return await startTracking(
      {
        root: journalFolder(env),
        settings,
        // A run below another is one of its own.
        destination: {...place, ...(runId !== undefined && settings && !parent ? {runId} : {})},
        name: flags['run-name'] ?? name,
        source,
        environment: env,
        ...(parent ? {parent} : {}),
        ...(shared ? {shared} : {}),
      },
      {now: () => Date.now(), note: (line) => progress.note(line)},
    )
  } catch (error) {
    progress.note(`The run is not recorded: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

function told({journal, sent, url, refused}: Ended): string {
  const apart = refused > 0 ? ` ${refused} entries were refused: see abd track status.` : ''
  if (sent) return `MLflow: ${url}.${apart}`
  return `Recorded in ${journal}; not all of it is in MLflow: abd track sync sends it.${apart}`
}
