import {existsSync} from 'node:fs'
import {join} from 'node:path'
import type {AbdError} from '../errors.ts'
import {environmentError} from '../errors.ts'
import {makeFolder} from '../make-folder.ts'
import {outputError} from '../report/output-error.ts'
import type {Job} from './job.ts'
import {fillFolders} from './placeholders.ts'
import {runCommand} from './run-command.ts'
import type {CommandEnd} from './run-command.ts'
import {within} from './sweep-folder.ts'
import type {Sweep} from './sweep-folder.ts'

/** What starts this program again. */
export interface Program {
  readonly node: string
  readonly arguments: readonly string[]
}

export interface AttemptOptions {
  readonly program: Program
  readonly signal: AbortSignal
  /** Added to the environment: which GPUs, which run in MLflow. */
  readonly environment: Readonly<Record<string, string>>
  /** Added to commands of abd. */
  extraWords(job: Job): readonly string[]
}

/**
 * Runs a job's command once, and answers what it printed as JSON; undefined where another program printed nothing. Throws
 * E_JOB, or what a command of abd said, and the signal's reason once it is aborted.
 */
export async function attemptJob(
  sweep: Sweep,
  job: Job,
  {program, signal, environment, extraWords}: AttemptOptions,
): Promise<unknown> {
  const folder = within(sweep.folder).job(job)
  await makeFolder(folder).catch((error: unknown) => {
    throw outputError(error, folder)
  })
  const isResumed = job.resume !== null && existsSync(join(folder, job.resume.when))
  const words = [
    ...fillFolders(job.words, foldersOf(sweep, job)),
    ...(isResumed ? fillFolders(job.resume!.words, foldersOf(sweep, job)) : []),
  ]
  const [file, args] =
    job.program === null
      ? [program.node, [...program.arguments, ...words, ...extraWords(job), '--json']]
      : [job.program, words]
  const log = join(folder, 'log.txt')
  const ended = await runCommand(file, args, {
    directory: sweep.directory,
    // Side by side, jobs share the cores; libtensorflow would take all of them for each.
    environment: {TF_NUM_INTRAOP_THREADS: String(job.budget.cores), ...process.env, ...environment},
    log,
    seconds: job.budget.seconds,
    signal,
  }).catch((error: unknown) => {
    throw startError(error, file, {log, directory: sweep.directory})
  })
  signal.throwIfAborted()
  const {stdout} = ended
  if (stdout === null)
    throw environmentError({
      code: 'E_JOB',
      message: 'It printed more than 100 MB.',
      hints: ['Have it print its figures as JSON, and all else on the standard error.'],
    })
  const printed = jsonIn(stdout)
  if (ended.isOverTime)
    throw environmentError({
      code: 'E_JOB_BUDGET',
      message: `It took longer than its budget of ${job.budget.seconds} seconds.`,
      hints: ['Raise budget.time; abd sweep resume goes on from its checkpoint, where it has one.'],
    })
  // An audit that blocks has found what it was asked for.
  const accepted = job.program === null && job.words[0] === 'audit' ? [0, 3] : [0]
  if (!accepted.includes(ended.code ?? -1) || isError(printed)) throw failure(printed, ended, log)
  if (printed === undefined && (job.program === null || job.results !== null || stdout.trim() !== ''))
    throw environmentError({
      code: 'E_JOB',
      message: `The command printed no JSON.${stdout === '' ? '' : ` It begins with: ${stdout.slice(0, 80)}`}`,
    })
  return printed
}

/** {out} and those of its needs. */
function foldersOf(sweep: Sweep, job: Job): Readonly<Record<string, string>> {
  const files = within(sweep.folder)
  const folders = Object.entries(job.needs).map(([name, id]) => [name, files.job(sweep.byId.get(id)!)])
  return {out: files.job(job), ...Object.fromEntries(folders)} as Record<string, string>
}

function startError(
  error: unknown,
  program: string,
  {log, directory}: {readonly log: string; readonly directory: string},
): unknown {
  const {code, syscall} = error as NodeJS.ErrnoException
  if (!syscall?.startsWith('spawn')) return outputError(error, log)
  const why =
    code === 'ENOENT' ? (existsSync(directory) ? 'there is no such program' : `${directory} is gone`) : code
  return environmentError({code: 'E_JOB', message: `${program} cannot be started: ${why}.`})
}

const isError = (printed: unknown): printed is {error: unknown} =>
  typeof printed === 'object' && printed !== null && !Array.isArray(printed) && 'error' in printed

function failure(printed: unknown, {code, signal, lastWords, logError}: CommandEnd, log: string): AbdError {
  const told = isError(printed)
    ? (printed.error as {code?: unknown; message?: unknown; hints?: unknown})
    : undefined
  if (typeof told?.message === 'string')
    return environmentError({
      code: typeof told.code === 'string' && told.code.startsWith('E_') ? (told.code as 'E_JOB') : 'E_JOB',
      message: told.message,
      hints: Array.isArray(told.hints) ? told.hints.filter((one) => typeof one === 'string') : [],
    })
  const last = lastWords.split('\n').at(-1)!
  const full = logError ? ` Its log could not be written: ${(logError as Error).message}.` : ''
  const how = signal === null ? `ended with exit code ${code}` : `was killed (${signal})`
  return environmentError({
    code: 'E_JOB',
    message: `The command ${how}${last ? `: ${last}` : '.'}${full}`,
    hints: [`Its log: ${log}`],
  })
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
