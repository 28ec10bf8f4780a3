import {createHash} from 'node:crypto'
import {existsSync} from 'node:fs'
import {rm} from 'node:fs/promises'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {AbdError, environmentError} from '../errors.ts'
import {outputError} from '../report/output-error.ts'
import {sha256OfFile} from '../sha256-of-file.ts'
import {takeLock} from '../take-lock.ts'
import {VERSION} from '../version.ts'
import {attemptJob} from './attempt-job.ts'
import type {AttemptOptions} from './attempt-job.ts'
import type {Job} from './job.ts'
import {appendEvent} from './job-journal.ts'
import type {JobEvent} from './job-journal.ts'
import {readResult, writeResult} from './job-result.ts'
import type {JobResult} from './job-result.ts'
import {valuesOf} from './values-of.ts'
import {within} from './sweep-folder.ts'
import type {Sweep} from './sweep-folder.ts'

/** What became of a job. */
export type Outcome =
  | {readonly state: 'done'; readonly result: JobResult; readonly isNew: boolean}
  | {readonly state: 'failed'; readonly reason: string}
  /** Another process is at it. */
  | {readonly state: 'elsewhere'; readonly heldBy: string}

export interface JobOptions extends AttemptOptions {
  /** Milliseconds since 1970. */
  now(): number
  /** Of Slurm: `123_4`. */
  readonly slurm?: string | undefined
  /** Runs it although its result is there, for files of it that are not. */
  readonly again?: boolean
  /** Of a lock: is its holder surely gone? By default, where it was a process of this machine. */
  readonly isDead?: (holder: string) => boolean | Promise<boolean>
}

/**
 * Runs a job unless its result is there: what was begun and interrupted goes on. Whoever runs it holds its lock, keeps a
 * journal, and writes the result whole or not at all. A failure is an outcome; throws only the signal's reason.
 */
export async function runJob(sweep: Sweep, job: Job, options: JobOptions): Promise<Outcome> {
  const {folder} = sweep
  const path = within(folder).lock(job.id)
  try {
    const before = await usableResult(sweep, job)
    if (before && !options.again) return {state: 'done', result: before, isNew: false}
    const lock = await takeLock(path, options).catch((error: unknown) => {
      throw outputError(error, path)
    })
    if ('heldBy' in lock) return {state: 'elsewhere', heldBy: lock.heldBy}
    await using _held = lock
    // Another process may have ended it meanwhile.
    const meanwhile = await usableResult(sweep, job)
    if (meanwhile && (!options.again || hasOutputs(sweep, job)))
      return {state: 'done', result: meanwhile, isNew: false}
    return await runLocked(sweep, job, options)
  } catch (error) {
    options.signal.throwIfAborted()
    return {state: 'failed', reason: reasonOf(error)}
  }
}

async function runLocked(sweep: Sweep, job: Job, options: JobOptions): Promise<Outcome> {
  const {now, signal, slurm} = options
  const tell = (event: JobEvent['event'], message?: string) =>
    appendEvent(sweep.folder, job.id, {
      event,
      at: new Date(now()).toISOString(),
      host: hostname(),
      pid: process.pid,
      ...(slurm === undefined ? {} : {slurm}),
      ...(message === undefined ? {} : {message}),
    })
  const needs = await digestsOfNeeds(sweep, job)
  for (let attempt = 1; ; attempt++) {
    const began = now()
    await tell('started')
    try {
      const printed = await attemptJob(sweep, job, options)
      const result: JobResult = {
        version: 1,
        id: job.id,
        name: job.name,
        stage: job.stage,
        parameters: job.parameters,
        command: [job.program ?? 'abd', ...job.words],
        ...valuesOf(job, printed),
        outputs: await hashesOf(sweep, job),
        needs,
        seconds: (now() - began) / 1000,
        attempts: attempt,
        host: hostname(),
        tool: {name: 'abd', version: VERSION},
      }
      await writeResult(sweep.folder, result)
      // The result is what counts: a journal that the disk does not take changes nothing about it.
      await tell('done').catch(() => undefined)
      return {state: 'done', result, isNew: true}
    } catch (error) {
      if (signal.aborted) {
        await tell('interrupted').catch(() => undefined)
        signal.throwIfAborted()
      }
      const reason = reasonOf(error)
      await tell('failed', reason).catch(() => undefined)
      if (attempt > job.retries) return {state: 'failed', reason}
    }
  }
}

/**
 * The result of a job, where it still holds: of a teacher made again, another one perhaps, the students are made again,
 * too, so that no table mixes those of two teachers.
 */
export async function usableResult(sweep: Sweep, job: Job): Promise<JobResult | undefined> {
  const result = await readResult(sweep.folder, job.id)
  if (!result) return undefined
  for (const [name, id] of Object.entries(job.needs)) {
    const need = await readResult(sweep.folder, id)
    if (need && result.needs[name] !== undefined && result.needs[name] !== digestOf(need)) {
      await rm(within(sweep.folder).result(job.id), {force: true})
      return undefined
    }
  }
  return result
}

/** Are the files there that those who need a job ask for? */
export const hasOutputs = (sweep: Sweep, job: Job): boolean =>
  job.outputs.every((file) => existsSync(join(within(sweep.folder).job(job), file)))

/** Throws E_JOB where something that it needs is missing. */
async function digestsOfNeeds(sweep: Sweep, job: Job): Promise<Record<string, string>> {
  const digests = await Promise.all(
    Object.entries(job.needs).map(async ([name, id]) => {
      const need = sweep.byId.get(id)!
      const result = await readResult(sweep.folder, id)
      if (!result || !hasOutputs(sweep, need))
        throw environmentError({
          code: 'E_JOB_NEED',
          message: result
            ? `${need.outputs.join(', ')} of ${need.name}, which it needs, is not in ${within(sweep.folder).job(need)}.`
            : `${need.name}, which it needs, has no result.`,
          hints: ['abd sweep resume makes what is missing first.'],
        })
      return [name, digestOf(result)] as const
    }),
  )
  return Object.fromEntries(digests)
}

const digestOf = ({outputs}: JobResult): string =>
  createHash('sha256').update(JSON.stringify(outputs)).digest('hex').slice(0, 16)

/** Throws E_JOB where a file is missing that it should have written. */
async function hashesOf(sweep: Sweep, job: Job): Promise<Record<string, string>> {
  const folder = within(sweep.folder).job(job)
  const missing = job.outputs.find((file) => !existsSync(join(folder, file)))
  if (missing !== undefined)
    throw environmentError({
      code: 'E_JOB',
      message: `The command ended well, and ${missing} is not in ${folder}.`,
      hints: ['See what the plan says of --out and outputs.'],
    })
  const hashes = await Promise.all(
    job.outputs.map(async (file) => [file, await sha256OfFile(join(folder, file))] as const),
  )
  return Object.fromEntries(hashes)
}

/** In words, with what to do. */
const reasonOf = (error: unknown): string =>
  error instanceof AbdError ? [error.message, ...error.hints].join(' ') : (error as Error).message
