import {randomUUID} from 'node:crypto'
import {join} from 'node:path'
import {jobStates} from '../job-states.ts'
import type {Program} from '../attempt-job.ts'
import {within} from '../sweep-folder.ts'
import type {Sweep} from '../sweep-folder.ts'
import {ranges, writeArrays} from './arrays.ts'
import type {JobArray} from './arrays.ts'
import {readQueue, slurmName} from './queue.ts'
import {slurmTool} from './slurm-tool.ts'
import {appendSubmission} from './submissions.ts'
import {writeScripts} from './write-scripts.ts'

export interface Submitted {
  readonly arrays: readonly {readonly name: string; readonly number: string; readonly tasks: number}[]
  readonly scripts: readonly string[]
  /** Scripts that somebody changed, submitted as they are. */
  readonly edited: readonly string[]
  /** Jobs that wait or run already. */
  readonly queued: number
  readonly done: number
}

/**
 * Writes job scripts, and gives Slurm what is neither done nor in the queue: an array for each stage and what it comes
 * after, with the dependencies between them. Throws E_SLURM; what was submitted before that stays, and is known.
 */
export async function submitToSlurm(
  sweep: Sweep,
  {
    program,
    extraWords,
    environment,
    submit,
  }: {
    readonly program: Program
    /** Of `abd sweep job`. */
    readonly extraWords: readonly string[]
    /** For the jobs, beside ours. */
    readonly environment: Readonly<Record<string, string>>
    /** False: only the scripts. */
    readonly submit: boolean
  },
): Promise<Submitted> {
  // Of some the plan has no job any more.
  const arrays = (await writeArrays(sweep)).filter(({ids}) => ids.some((id) => sweep.byId.has(id)))
  const {paths, edited} = await writeScripts(sweep, arrays, {program, extraWords})
  const scripts = [...paths.values()]
  if (!submit) return {arrays: [], scripts, edited, queued: 0, done: 0}
  const {entries} = await readQueue(sweep)
  const states = new Map((await jobStates(sweep, entries)).map(({job, state}) => [job.id, state]))
  const isAtWork = (id: string) => ['queued', 'running'].includes(states.get(id)!)
  /** Of Slurm: what a job that is not done waits for. */
  const numbers = new Map([...entries].flatMap(([id, {slurm}]) => (isAtWork(id) ? [[id, slurm]] : [])))
  const made: Submitted['arrays'][number][] = []
  for (const array of arrays) {
    const tasks = array.ids.flatMap((id, task) =>
      sweep.byId.has(id) && states.get(id) !== 'done' && !isAtWork(id) ? [task] : [],
    )
    if (tasks.length === 0) continue
    const number = await submitArray(sweep, array, {
      tasks,
      numbers,
      path: paths.get(array.name)!,
      environment,
    })
    for (const task of tasks) numbers.set(array.ids[task]!, `${number}_${task}`)
    made.push({name: array.name, number, tasks: tasks.length})
  }
  const count = (wanted: (id: string) => boolean) => sweep.jobs.filter(({id}) => wanted(id)).length
  return {
    arrays: made,
    scripts,
    edited,
    queued: count(isAtWork),
    done: count((id) => states.get(id) === 'done'),
  }
}

async function submitArray(
  sweep: Sweep,
  {name, ids}: JobArray,
  {
    tasks,
    numbers,
    path,
    environment,
  }: {
    readonly tasks: readonly number[]
    readonly numbers: ReadonlyMap<string, string>
    readonly path: string
    readonly environment: Readonly<Record<string, string>>
  },
): Promise<string> {
  const submission = {
    token: `abd-${randomUUID()}`,
    array: name,
    tasks: Object.fromEntries(tasks.map((task) => [`${task}`, ids[task]!])),
  }
  const after = Object.values(sweep.byId.get(ids[tasks[0]!]!)!.needs).flatMap((id) => numbers.get(id) ?? [])
  const {atOnce} = sweep.plan.slurm
  await appendSubmission(sweep, submission)
  const printed = await slurmTool(
    'sbatch',
    [
      ...['--parsable', `--job-name=${slurmName(sweep, name)}`, `--comment=${submission.token}`],
      `--chdir=${sweep.directory}`,
      // Not in the script: a line of it ends at a space. A percent sign would be one of sbatch's own.
      `--output=${join(within(sweep.folder).slurm, 'logs').replaceAll('%', '%%')}/${name}-%a.txt`,
      `--array=${ranges(tasks)}${atOnce === undefined ? '' : `%${atOnce}`}`,
      ...(after.length > 0 ? [`--dependency=afterok:${after.join(':')}`, '--kill-on-invalid-dep=yes'] : []),
      path,
    ],
    {environment},
  )
  // `123;cluster`
  const number = printed.trim().split(';')[0]!
  await appendSubmission(sweep, {...submission, number})
  return number
}

/** Takes what waits or runs out of the queue; how much that was. Throws E_SLURM. */
export async function cancelOnSlurm(sweep: Sweep): Promise<number> {
  const {entries} = await readQueue(sweep)
  const there = [...entries.values()].filter(({state}) => state !== 'ended').map(({slurm}) => slurm)
  for (let i = 0; i < there.length; i += 500) await slurmTool('scancel', there.slice(i, i + 500))
  return there.length
}
