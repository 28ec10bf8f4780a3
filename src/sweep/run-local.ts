import {environmentError} from '../errors.ts'
import {slotsOf} from './capacity.ts'
import type {Capacity} from './capacity.ts'
import type {Job} from './job.ts'
import {hasOutputs, runJob, usableResult} from './run-job.ts'
import type {JobOptions, Outcome} from './run-job.ts'
import {idsIn, within} from './sweep-folder.ts'
import type {Sweep} from './sweep-folder.ts'
import {watchCancel} from './watch-cancel.ts'

export interface Failure {
  readonly name: string
  readonly reason: string
}

export interface LocalRun {
  /** Jobs that were run now. */
  readonly ran: number
  readonly failures: readonly Failure[]
  /** Names of the jobs that wait for one that failed. */
  readonly blocked: readonly string[]
  /** Somebody ended it with `abd sweep cancel`. */
  readonly isCancelled: boolean
}

export interface LocalOptions extends Omit<JobOptions, 'again' | 'isDead' | 'slurm'> {
  readonly capacity: Capacity
  readonly onStart?: (job: Job) => void
  readonly onOutcome?: (job: Job, outcome: Outcome) => void
  /** Told once of each job that another process is at. */
  readonly onElsewhere?: (job: Job, heldBy: string) => void
  /** Of done jobs that are run again: files of theirs are gone, or their teacher is another one. */
  readonly onAgain?: (job: Job) => void
  /** Waits a while for other processes. */
  readonly pause: () => Promise<unknown>
}

/**
 * Runs what is missing of a sweep on this machine, as many jobs at a time as fit, in their order. A job that fails is left
 * out with those that need it, and the others go on. Other processes may be at the same sweep: what one of them is at is
 * left to it, and waited for. Throws E_SWEEP_GPUS, and the signal's reason when every job has ended.
 */
export async function runLocal(sweep: Sweep, options: LocalOptions): Promise<LocalRun> {
  const {capacity, signal} = options
  checkGpus(sweep, capacity)
  const dependents = dependentsOf(sweep)
  const done = await idsIn(within(sweep.folder).results, '.json')
  const again = new Set(madeAgain(sweep, {done, dependents}).map(({id}) => id))
  for (const id of again) {
    options.onAgain?.(sweep.byId.get(id)!)
    done.delete(id)
  }
  const order = new Map(sweep.jobs.map(({id}, i) => [id, i]))
  const left = new Map(sweep.jobs.filter(({id}) => !done.has(id)).map((job) => [job.id, job]))
  const isReady = (job: Job) => Object.values(job.needs).every((id) => done.has(id))
  const ready = [...left.values()].filter(isReady)
  const slots = slotsOf(capacity)
  const told = new Set<string>()
  const failures: Failure[] = []
  const blocked: string[] = []
  let ran = 0
  let running = 0
  let elsewhere = 0
  let bug: unknown
  let wake = () => {}

  using cancel = watchCancel(sweep)
  const stop = AbortSignal.any([signal, cancel.signal])
  stop.addEventListener('abort', () => wake(), {once: true})

  const enqueue = (job: Job) => {
    const at = ready.findIndex(({id}) => order.get(id)! > order.get(job.id)!)
    ready.splice(at < 0 ? ready.length : at, 0, job)
  }
  const block = (id: string) => {
    for (const job of dependents.get(id) ?? [])
      if (left.delete(job.id)) {
        blocked.push(job.name)
        block(job.id)
      }
  }
  const settle = async (job: Job, outcome: Outcome): Promise<void> => {
    options.onOutcome?.(job, outcome)
    if (outcome.state === 'elsewhere') {
      if (!told.has(job.id)) options.onElsewhere?.(job, outcome.heldBy)
      told.add(job.id)
      elsewhere++
      void options
        .pause()
        .catch(() => undefined)
        .finally(() => {
          elsewhere--
          enqueue(job)
          wake()
        })
      return
    }
    left.delete(job.id)
    if (outcome.state === 'failed') {
      failures.push({name: job.name, reason: outcome.reason})
      block(job.id)
      return
    }
    done.add(job.id)
    if (outcome.isNew) ran++
    for (const dependent of dependents.get(job.id) ?? []) {
      // Of a teacher made again, another one perhaps, the students are checked.
      if (again.has(job.id) && done.has(dependent.id) && !(await usableResult(sweep, dependent))) {
        options.onAgain?.(dependent)
        done.delete(dependent.id)
        left.set(dependent.id, dependent)
        again.add(dependent.id)
      }
      if (left.has(dependent.id) && isReady(dependent)) enqueue(dependent)
    }
  }
  const start = async (job: Job, gpus: readonly string[]): Promise<void> => {
    const outcome = await runJob(sweep, job, {
      ...options,
      signal: stop,
      again: again.has(job.id),
      environment: {
        ...options.environment,
        ...(job.budget.gpus > 0 || capacity.gpus.length > 0 ? {CUDA_VISIBLE_DEVICES: gpus.join(',')} : {}),
      },
    })
    await settle(job, outcome)
  }

  while ((left.size > 0 || running > 0) && bug === undefined) {
    for (let i = 0; i < ready.length && !stop.aborted && bug === undefined;) {
      const job = ready[i]!
      const gpus = slots.take(job)
      if (!gpus) {
        i++
        continue
      }
      ready.splice(i, 1)
      running++
      options.onStart?.(job)
      void start(job, gpus)
        .catch((error: unknown) => {
          if (!stop.aborted) bug ??= error
        })
        .finally(() => {
          running--
          slots.give(job, gpus)
          wake()
        })
    }
    if (running === 0 && (elsewhere === 0 || stop.aborted)) break
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
  signal.throwIfAborted()
  if (bug !== undefined) throw bug as Error
  return {ran, failures, blocked, isCancelled: cancel.signal.aborted}
}

function checkGpus({jobs}: Sweep, {gpus}: Capacity): void {
  const large = jobs.find(({budget}) => budget.gpus > gpus.length)
  if (!large) return
  throw environmentError({
    code: 'E_SWEEP_GPUS',
    message: `${large.name} needs ${large.budget.gpus} GPU${large.budget.gpus > 1 ? 's' : ''}, and this machine has ${gpus.length || 'none'}.`,
    hints: ['Run it where there are, with --executor slurm for one; or say how many there are: --gpus N.'],
  })
}

function dependentsOf({jobs}: Sweep): ReadonlyMap<string, readonly Job[]> {
  const dependents = new Map<string, Job[]>()
  for (const job of jobs)
    for (const id of Object.values(job.needs)) dependents.set(id, [...(dependents.get(id) ?? []), job])
  return dependents
}

/** Done jobs whose files are gone, while somebody needs them still. */
function madeAgain(
  sweep: Sweep,
  {
    done,
    dependents,
  }: {readonly done: ReadonlySet<string>; readonly dependents: ReadonlyMap<string, readonly Job[]>},
): readonly Job[] {
  const toRun = new Set<string>()
  const again: Job[] = []
  for (const job of [...sweep.jobs].reverse()) {
    if (!done.has(job.id)) toRun.add(job.id)
    else if ((dependents.get(job.id) ?? []).some(({id}) => toRun.has(id)) && !hasOutputs(sweep, job)) {
      toRun.add(job.id)
      again.push(job)
    }
  }
  return again
}
