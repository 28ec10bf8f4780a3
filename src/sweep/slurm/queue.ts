import type {QueueEntry} from '../job-states.ts'
import type {Sweep} from '../sweep-folder.ts'
import {slurmTool} from './slurm-tool.ts'
import {readSubmissions} from './submissions.ts'
import type {Submission} from './submissions.ts'

export interface SlurmEntry extends QueueEntry {
  /** `123_4`. */
  readonly slurm: string
}

export interface Queue {
  /** By the ids of jobs, the last submission of each. */
  readonly entries: ReadonlyMap<string, SlurmEntry>
  /** What could not be asked, and why. */
  readonly notes: readonly string[]
}

/** What jobs of a sweep are called in the queue. */
export const slurmName = ({uid}: Sweep, array: string): string => `abd-${uid.slice(0, 8)}-${array}`

/**
 * What Slurm says of the jobs that were submitted: squeue, and of those that it has forgotten sacct, where the cluster keeps
 * accounts. Throws E_SLURM where squeue does not answer.
 */
export async function readQueue(sweep: Sweep): Promise<Queue> {
  const submissions = await readSubmissions(sweep)
  if (submissions.length === 0) return {entries: new Map(), notes: []}
  const names = [...new Set(submissions.map(({array}) => slurmName(sweep, array)))]
  const listed = parseSqueue(
    await slurmTool('squeue', [
      ...['--noheader', '--array', '--states=all', `--name=${names.join(',')}`],
      '--format=%F|%K|%T|%N|%r|%k',
    ]),
  )
  const numberOf = ({token, number}: Submission) =>
    number ?? listed.find(({comment}) => comment === token)?.number
  const byTask = new Map(listed.map((one) => [`${one.number}_${one.task}`, one]))
  const entries = new Map<string, SlurmEntry>()
  const forgotten = new Map<string, string>()
  for (const submission of submissions) {
    const number = numberOf(submission)
    if (number === undefined) continue
    for (const [task, id] of Object.entries(submission.tasks)) {
      const slurm = `${number}_${task}`
      const there = byTask.get(slurm)
      forgotten.delete(id)
      if (there) entries.set(id, {slurm, ...entryOf(there.state, {node: there.node, reason: there.reason})})
      else {
        entries.set(id, {slurm, state: 'ended', note: ''})
        forgotten.set(id, slurm)
      }
    }
  }
  if (forgotten.size === 0) return {entries, notes: []}
  const {states, note} = await askSacct([...forgotten.values()])
  for (const [id, slurm] of forgotten) {
    const state = states.get(slurm)
    if (state !== undefined) entries.set(id, {slurm, ...entryOf(state, {node: '', reason: ''})})
  }
  return {entries, notes: note === undefined ? [] : [note]}
}

interface Listed {
  readonly number: string
  readonly task: string
  readonly state: string
  readonly node: string
  readonly reason: string
  readonly comment: string
}

/** Lines of squeue --format=%F|%K|%T|%N|%r|%k; a reason can hold anything but a bar. */
export const parseSqueue = (text: string): readonly Listed[] =>
  text.split('\n').flatMap((line) => {
    const [number, task, state, node = '', reason = '', comment = ''] = line.split('|')
    return number && task && state ? [{number, task, state, node, reason, comment}] : []
  })

const queued = new Set([
  ...['PENDING', 'CONFIGURING', 'REQUEUED', 'REQUEUE_FED', 'REQUEUE_HOLD', 'RESV_DEL_HOLD'],
  ...['SPECIAL_EXIT', 'SUSPENDED', 'STOPPED'],
])
const running = new Set(['RUNNING', 'COMPLETING', 'RESIZING', 'SIGNALING', 'STAGE_OUT'])

/** Slurm's word for a state, in ours. */
export function entryOf(
  state: string,
  {node, reason}: {readonly node: string; readonly reason: string},
): QueueEntry {
  // sacct: `CANCELLED by 0`.
  const word = state.split(' ')[0]!.replace(/\+$/, '')
  if (queued.has(word))
    return {state: 'queued', note: reason && reason !== 'None' ? `${word} (${reason})` : word}
  if (running.has(word)) return {state: 'running', note: node ? `${word} on ${node}` : word}
  return {state: 'ended', note: `Slurm: ${word}${node ? ` on ${node}` : ''}`}
}

async function askSacct(
  tasks: readonly string[],
): Promise<{readonly states: ReadonlyMap<string, string>; readonly note?: string}> {
  const numbers = [...new Set(tasks.map((task) => task.split('_')[0]!))]
  try {
    const text = await slurmTool('sacct', [
      ...['--noheader', '--parsable2', '--allocations', '--format=JobID,State'],
      `--jobs=${numbers.join(',')}`,
    ])
    return {states: parseSacct(text)}
  } catch (error) {
    return {states: new Map(), note: `${(error as Error).message} States are those of the folder.`}
  }
}

/** Lines of sacct --parsable2 --format=JobID,State. */
export const parseSacct = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const [task, state] = line.split('|')
      return task && state ? [[task, state]] : []
    }),
  )
