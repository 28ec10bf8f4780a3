import {readFile} from 'node:fs/promises'
import {hostname} from 'node:os'
import {isGone} from '../holder.ts'
import type {Job} from './job.ts'
import {readEvents} from './job-journal.ts'
import type {JobEvent} from './job-journal.ts'
import {idsIn, within} from './sweep-folder.ts'
import type {Sweep} from './sweep-folder.ts'

export const states = ['done', 'running', 'queued', 'waiting', 'interrupted', 'failed', 'blocked'] as const
export type State = (typeof states)[number]

export interface JobState {
  readonly job: Job
  readonly state: State
  /** Why it failed, or is blocked; where it runs. */
  readonly note: string
}

/** What a queue knows of a job. */
export interface QueueEntry {
  readonly state: 'running' | 'queued' | 'ended'
  /** `RUNNING on n1`, `TIMEOUT`. */
  readonly note: string
}

/** How far each job is, from what lies in the folder, and from a queue where there is one. */
export async function jobStates(
  sweep: Sweep,
  queue: ReadonlyMap<string, QueueEntry> = new Map(),
): Promise<readonly JobState[]> {
  const files = within(sweep.folder)
  const [done, locks, journals] = await Promise.all([
    idsIn(files.results, '.json'),
    idsIn(files.locks, '.lock'),
    idsIn(files.journals, '.jsonl'),
  ])
  const found = new Map<string, JobState>()
  for (const job of sweep.jobs) {
    const {id} = job
    const state = done.has(id)
      ? ({state: 'done', note: ''} as const)
      : stateOf({
          queue: queue.get(id),
          holder: locks.has(id) ? await readFile(files.lock(id), 'utf8').catch(() => '') : undefined,
          events: journals.has(id) ? readEvents(sweep.folder, id) : [],
        })
    found.set(id, {job, ...(state.state === 'waiting' ? orBlocked(job, found) : state)})
  }
  return sweep.jobs.map(({id}) => found.get(id)!)
}

function stateOf({
  queue,
  holder,
  events,
}: {
  readonly queue: QueueEntry | undefined
  readonly holder: string | undefined
  readonly events: readonly JobEvent[]
}): Omit<JobState, 'job'> {
  const last = events.at(-1)
  const host = holder?.split(' ')[1]
  const isHeld = holder !== undefined && !isGone(holder)
  if (queue?.state === 'queued') return {state: 'queued', note: queue.note}
  if (queue?.state === 'running') return {state: 'running', note: queue.note}
  // Of a process on another machine a queue that has let go of it knows better than the lock that it left.
  if (isHeld && !(queue?.state === 'ended' && host !== hostname()))
    return {state: 'running', note: `on ${host}, since ${last?.at ?? 'now'}`}
  if (last?.event === 'failed') return {state: 'failed', note: last.message ?? ''}
  if (last)
    return {
      state: 'interrupted',
      note: queue?.note ?? (last.event === 'started' ? `was killed on ${last.host}` : ''),
    }
  if (queue?.state === 'ended') return {state: 'failed', note: queue.note}
  return {state: 'waiting', note: ''}
}

function orBlocked(job: Job, found: ReadonlyMap<string, JobState>): Omit<JobState, 'job'> {
  const needs = Object.values(job.needs).flatMap((id) => found.get(id) ?? [])
  const bad = needs.find(({state}) => state === 'failed' || state === 'blocked')
  return bad ? {state: 'blocked', note: `it needs ${bad.job.name}`} : {state: 'waiting', note: ''}
}

/** How many jobs are in each state. */
export const countStates = (all: readonly JobState[]): Readonly<Record<State, number>> =>
  Object.fromEntries(
    states.map((state) => [state, all.filter((one) => one.state === state).length]),
  ) as Record<State, number>
