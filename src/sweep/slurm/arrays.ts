import {createHash} from 'node:crypto'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {makeFolder} from '../../make-folder.ts'
import {outputError} from '../../report/output-error.ts'
import {writeOutputs} from '../../report/write-outputs.ts'
import type {Job} from '../job.ts'
import {within} from '../sweep-folder.ts'
import type {Sweep} from '../sweep-folder.ts'

/** Jobs that are submitted together: of one stage, after the same jobs. Slurm calls it an array, and its jobs tasks. */
export interface JobArray {
  /** Of its files: `student-teacher_sig-1a2b3c`. */
  readonly name: string
  readonly stage: string
  /** By their task numbers; what a plan has no longer keeps its number. */
  readonly ids: readonly string[]
}

/** Slurm's MaxArraySize, where nobody has changed it, is 1001. */
const MOST = 1000

/** Line n of this file is task n. It only grows, so that what waits in the queue still means the same job. */
export const listFile = (name: string): string => `${name}.jobs`

/** The arrays of a sweep, each after those that it needs, with their lists on the disk. */
export async function writeArrays(sweep: Sweep): Promise<readonly JobArray[]> {
  const logs = join(within(sweep.folder).slurm, 'logs')
  await makeFolder(logs).catch((error: unknown) => {
    throw outputError(error, logs)
  })
  const groups = new Map<string, Job[]>()
  for (const job of sweep.jobs) {
    const name = groupName(job, sweep)
    const group = groups.get(name) ?? []
    group.push(job)
    groups.set(name, group)
  }
  const arrays: JobArray[] = []
  for (const [group, jobs] of groups) {
    const known: string[] = []
    for (let chunk = 0; known.length === chunk * MOST; chunk++) {
      const there = await readList(sweep, chunkName(group, chunk))
      if (there.length === 0) break
      known.push(...there)
    }
    const seen = new Set(known)
    const ids = [...known, ...jobs.flatMap(({id}) => (seen.has(id) ? [] : [id]))]
    for (let chunk = 0; chunk * MOST < ids.length; chunk++) {
      const name = chunkName(group, chunk)
      const some = ids.slice(chunk * MOST, (chunk + 1) * MOST)
      await writeOutputs(within(sweep.folder).slurm, {[listFile(name)]: `${some.join('\n')}\n`})
      arrays.push({name, stage: jobs[0]!.stage, ids: some})
    }
  }
  return arrays
}

const chunkName = (group: string, chunk: number): string => (chunk === 0 ? group : `${group}-${chunk + 1}`)

function groupName(job: Job, {byId}: Sweep): string {
  const needs = Object.values(job.needs)
  if (needs.length === 0) return job.stage
  const hash = createHash('sha256').update(needs.join(' ')).digest('hex').slice(0, 6)
  return `${job.stage}-${byId.get(needs[0]!)!.name.slice(0, 40)}-${hash}`
}

async function readList({folder}: Sweep, name: string): Promise<readonly string[]> {
  const text = await readFile(join(within(folder).slurm, listFile(name)), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    },
  )
  return text.split('\n').filter((line) => line !== '')
}

/** `0-2,5`, of numbers in ascending order. */
export function ranges(tasks: readonly number[]): string {
  const parts: [number, number][] = []
  for (const task of tasks) {
    const last = parts.at(-1)
    if (last?.[1] === task - 1) last[1] = task
    else parts.push([task, task])
  }
  return parts.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',')
}
