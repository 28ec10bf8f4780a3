import {existsSync} from 'node:fs'
import {readFile, readdir} from 'node:fs/promises'
import {dirname, join, relative, resolve} from 'node:path'
import {randomUUID} from 'node:crypto'
import {setTimeout as sleep} from 'node:timers/promises'
import {z} from 'zod'
import {environmentError, usageError} from '../errors.ts'
import {makeFolder} from '../make-folder.ts'
import type {Lock} from '../take-lock.ts'
import {waitForLock} from '../wait-for-lock.ts'
import {outputError} from '../report/output-error.ts'
import {writeOutputs} from '../report/write-outputs.ts'
import {Job, folderName} from './job.ts'
import type {Plan} from './plan-schema.ts'
import {parsePlan} from './read-plan.ts'
import type {PlanFile} from './read-plan.ts'

/** What lies in a sweep's folder, and where. */
export const within = (folder: string) => ({
  /** The plan as it was given. */
  plan: join(folder, 'plan.yml'),
  jobs: join(folder, 'sweep.json'),
  results: join(folder, 'results'),
  result: (id: string) => join(folder, 'results', `${id}.json`),
  journals: join(folder, 'journal'),
  journal: (id: string) => join(folder, 'journal', `${id}.jsonl`),
  locks: join(folder, 'locks'),
  lock: (id: string) => join(folder, 'locks', `${id}.lock`),
  job: (job: Pick<Job, 'name' | 'id'>) => join(folder, 'jobs', folderName(job)),
  cancelled: join(folder, 'cancelled'),
  slurm: join(folder, 'slurm'),
  creating: join(folder, 'sweep.lock'),
  /** Held while the sweep's run is made in MLflow. */
  tracking: join(folder, 'mlflow.lock'),
})

/** What `sweep.json` says. */
const Stored = z.strictObject({
  version: z.literal(1),
  /** Of the run in MLflow that the jobs' runs lie below. */
  uid: z.string().regex(/^[0-9a-f]{32}$/),
  name: z.string(),
  /** Where commands run, so that paths in a plan are those of its place: from the sweep's folder, so that both can move. */
  directory: z.string(),
  jobs: z.array(Job),
})

/** A sweep on disk, to be run, looked at or tabulated. */
export interface Sweep {
  readonly uid: string
  readonly name: string
  /** Absolute. */
  readonly folder: string
  /** Where commands run: absolute. */
  readonly directory: string
  /** Each after those that it needs. */
  readonly jobs: readonly Job[]
  readonly byId: ReadonlyMap<string, Job>
  readonly plan: Plan
}

/**
 * Makes the folder, or takes on the one that is there: what has ended stays, and counts where the plan still has it.
 * Throws E_SWEEP_OTHER for the folder of another sweep, E_OUT_UNWRITABLE and E_DISK_FULL.
 */
export async function createSweep({plan, text, path, jobs}: PlanFile, out: string): Promise<Sweep> {
  const folder = resolve(out)
  const files = within(folder)
  const directory = dirname(resolve(path))
  for (const part of [files.results, files.journals, files.locks, join(folder, 'jobs')])
    await makeFolder(part).catch((error: unknown) => {
      throw outputError(error, part)
    })
  // Several that begin at once are one sweep.
  await using _alone = await lockFolder(files.creating)
  const before = existsSync(files.jobs) ? await readStored(folder) : undefined
  if (before && before.name !== plan.name)
    throw usageError({
      code: 'E_SWEEP_OTHER',
      message: `${folder} is the folder of the sweep '${before.name}', not of '${plan.name}'.`,
      hints: ['Choose another folder with --out.'],
    })
  const uid = before?.uid ?? randomUUID().replaceAll('-', '')
  const stored: z.input<typeof Stored> = {
    version: 1,
    uid,
    name: plan.name,
    directory: relative(folder, directory),
    jobs: [...jobs],
  }
  await writeOutputs(folder, {'plan.yml': text, 'sweep.json': `${JSON.stringify(stored)}\n`})
  return {uid, name: plan.name, folder, directory, jobs, byId: byIdOf(jobs), plan}
}

async function lockFolder(path: string): Promise<Lock> {
  const lock = await waitForLock(path, {times: 50, pause: () => sleep(100)}).catch((error: unknown) => {
    throw outputError(error, path)
  })
  if ('path' in lock) return lock
  throw environmentError({
    code: 'E_SWEEP_LOCKED',
    message: `Another process (${lock.heldBy}) is writing ${dirname(path)}.`,
    hints: [`If there is none, remove ${path}`],
  })
}

/** Throws E_SWEEP for a folder that is none of a sweep. */
export async function openSweep(out: string): Promise<Sweep> {
  const folder = resolve(out)
  const {uid, name, directory, jobs} = await readStored(folder)
  const text = await readFile(within(folder).plan, 'utf8').catch((error: unknown) => {
    throw sweepError(folder, `plan.yml cannot be read: ${(error as Error).message}`)
  })
  let plan: Plan | undefined
  return {
    uid,
    name,
    folder,
    directory: resolve(folder, directory),
    jobs,
    byId: byIdOf(jobs),
    // A status needs none, and YAML takes its time.
    get plan() {
      return (plan ??= parsePlan(text, within(folder).plan).plan)
    },
  }
}

const byIdOf = (jobs: readonly Job[]) => new Map(jobs.map((job) => [job.id, job]))

async function readStored(folder: string): Promise<z.infer<typeof Stored>> {
  let text: string
  try {
    text = await readFile(within(folder).jobs, 'utf8')
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    throw sweepError(folder, code === 'ENOENT' ? 'it has no sweep.json' : `sweep.json: ${code}`)
  }
  try {
    return Stored.parse(JSON.parse(text))
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message
    throw sweepError(folder, `sweep.json is damaged: ${why}`)
  }
}

const sweepError = (folder: string, why: string) =>
  environmentError({
    code: 'E_SWEEP',
    message: `${folder} is no folder of a sweep: ${why}.`,
    hints: ['Begin one with abd sweep run PLAN --out DIR, or give the folder of one.'],
  })

/** Throws E_SWEEP_JOB. By its id or its name. */
export function findJob({jobs}: Sweep, wanted: string): Job {
  const [exact, other] = jobs.filter(({id, name}) => id === wanted || name === wanted)
  if (exact && other)
    throw usageError({
      code: 'E_SWEEP_JOB',
      message: `Several jobs of this sweep are called '${wanted}'.`,
      hints: [`Give the number of one: ${exact.id}, ${other.id}.`],
    })
  if (exact) return exact
  throw usageError({
    code: 'E_SWEEP_JOB',
    message: `There is no job '${wanted}' in this sweep.`,
    hints: ['abd sweep status lists their names.'],
  })
}

/** Names without their ending, of a folder's files. */
export async function idsIn(folder: string, ending: string): Promise<Set<string>> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return new Set(names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length)))
}
