import {AbdError, checkpointPath, environmentError, takeLock} from '@abd/core'
import {sha256OfFile} from '@abd/core/modelfile'
import {outputError} from '@abd/core/report'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {readCell, writeCell} from './cell.ts'
import type {Cell} from './cell.ts'
import {cellOf} from './cell-of.ts'
import type {Job} from './job.ts'
import {secondsLeft} from './seconds-left.ts'

export interface Grid {
  readonly folder: string
  readonly jobs: readonly Job[]
}

/** Runs a command of `abd` and answers what it prints as JSON. */
export type Run = (command: readonly string[]) => Promise<unknown>

/** Told before each job that is run. */
export type OnJob = (
  name: string,
  progress: {readonly done: number; readonly of: number; readonly secondsLeft: number | undefined},
) => void

export interface Failure {
  readonly name: string
  readonly reason: string
}

/** Reads the cells that are there. Throws E_CELL, and E_TEACHER_CHANGED where students of two teachers would be mixed. */
export async function readCells({folder, jobs}: Grid): Promise<Map<string, Cell>> {
  const cells = new Map<string, Cell>()
  for (const job of jobs) {
    const cell = await readCell(folder, job)
    if (cell) cells.set(job.name, cell)
  }
  for (const trigger of new Set(jobs.map((job) => job.trigger)))
    checkOneTeacher(madeFor(trigger, jobs, cells), folder)
  return cells
}

/**
 * Runs what is missing and keeps a cell of each job when it has ended; a student that was interrupted goes on from its
 * checkpoint. Other processes may be at the same grid: what one of them is at is left to it, and waited for in the end. A job
 * that fails is told and left out with those that need it; the others go on, unless the disk is full. Throws what
 * `readCells` throws, E_DISK_FULL, E_OUT_UNWRITABLE and the signal's reason.
 */
export async function runPlan(
  grid: Grid,
  {
    run,
    onJob,
    onFailure,
    onElsewhere,
    pause,
    signal,
    now,
  }: {
    readonly run: Run
    readonly onJob: OnJob
    readonly onFailure: (failure: Failure) => void
    /** Told once of each job that another process is at. */
    readonly onElsewhere: (name: string, heldBy: string) => void
    /** Waits a while for other processes. */
    readonly pause: () => Promise<void>
    readonly signal: AbortSignal
    /** Milliseconds. */
    readonly now: () => number
  },
): Promise<{readonly cells: Map<string, Cell>; readonly failures: readonly Failure[]}> {
  const {folder, jobs} = grid
  const cells = await readCells(grid)
  const failures: Failure[] = []
  const fail = (job: Job, reason: string) => {
    failures.push({name: job.name, reason})
    // So that no student is taught by it.
    cells.delete(job.name)
    onFailure({name: job.name, reason})
  }
  const elsewhere = new Set<string>()
  for (let left = jobs; left.length > 0;) {
    const postponed: Job[] = []
    for (const job of left) {
      if (job.needs && postponed.includes(job.needs)) postponed.push(job)
      else if (!(await settle(job))) postponed.push(job)
    }
    if (postponed.length === left.length) await pause()
    left = postponed
  }
  return {cells, failures}

  /** Whether nothing is left to do for a job: else another process is at it. */
  async function settle(job: Job): Promise<boolean> {
    signal.throwIfAborted()
    const teacher = job.needs && cells.get(job.needs.name)
    if (job.needs && !teacher) {
      if (!cells.has(job.name)) fail(job, `its teacher ${job.needs.name} could not be made`)
      return true
    }
    if (isSettled(job, cells.get(job.name))) return true
    const lock = await lockOf(job)
    if ('heldBy' in lock) {
      if (!elsewhere.has(job.name)) onElsewhere(job.name, lock.heldBy)
      elsewhere.add(job.name)
      return false
    }
    await using _held = lock
    // Another process may have ended it meanwhile.
    const made = await readCell(folder, job)
    if (made) cells.set(job.name, ofTheirTeacher(job, made))
    if (!isSettled(job, made)) await make(job, made)
    return true
  }

  /** A student's cell is all of it; a teacher's weights are needed while a student of it is missing. */
  function isSettled(job: Job, made: Cell | undefined): boolean {
    if (!made) return false
    return job.needs !== undefined || !isNeeded(job, grid, cells)
  }

  async function make(job: Job, made: Cell | undefined): Promise<void> {
    onJob(job.name, {done: cells.size, of: jobs.length, secondsLeft: secondsLeft(jobs, cells)})
    const cell = await runJob(job, made).catch((error: unknown) => {
      signal.throwIfAborted()
      if (error instanceof AbdError && error.code === 'E_DISK_FULL') throw error
      fail(job, reasonOf(error))
    })
    if (!cell) return
    cells.set(job.name, cell)
    await writeCell(folder, cell)
  }

  async function lockOf(job: Job) {
    const path = join(folder, 'cells', `${job.name}.lock`)
    try {
      return await takeLock(path)
    } catch (error) {
      throw outputError(error, path)
    }
  }

  async function runJob(job: Job, made: Cell | undefined): Promise<Cell> {
    const weights = join(folder, job.weights)
    const began = now()
    if (made && existsSync(weights))
      return ofTheirTeacher(job, {...made, teacher: await sha256OfFile(weights)})
    const checkpoint = checkpointPath(weights)
    const resume = existsSync(checkpoint)
    const printed = await run([...job.command(folder), ...(resume ? ['--resume'] : [])]).catch(
      (error: unknown) => {
        if (resume && error instanceof AbdError && error.code === 'E_CHECKPOINT')
          throw environmentError({...error, message: error.message, hints: [`Remove ${checkpoint}.`]})
        throw error
      },
    )
    return ofTheirTeacher(job, {
      ...cellOf(job, printed, {
        weights: await sha256OfFile(weights),
        seconds: Math.round((now() - began) / 1000),
      }),
      ...(made ? {seconds: made.seconds} : {}),
    })
  }

  /** A cell that may stand beside those of the same trigger. */
  function ofTheirTeacher(job: Job, cell: Cell): Cell {
    checkOneTeacher([cell, ...madeFor(job.trigger, jobs, cells)], folder)
    return cell
  }
}

const madeFor = (trigger: string, jobs: readonly Job[], cells: ReadonlyMap<string, Cell>): readonly Cell[] =>
  jobs.filter((job) => job.trigger === trigger).flatMap(({name}) => cells.get(name) ?? [])

/** In words, with what to do. */
const reasonOf = (error: unknown): string =>
  error instanceof AbdError ? [error.message, ...error.hints].join(' ') : (error as Error).message

const isNeeded = (teacher: Job, {jobs}: Grid, cells: ReadonlyMap<string, Cell>): boolean =>
  jobs.some((job) => job.needs === teacher && !cells.has(job.name))

/** Throws E_TEACHER_CHANGED where not all of them are of the first one's teacher. */
function checkOneTeacher(cells: readonly Cell[], folder: string): void {
  const another = cells.find(({teacher}) => teacher !== cells[0]!.teacher)
  if (!another) return
  throw environmentError({
    code: 'E_TEACHER_CHANGED',
    message: `${another.name} in ${join(folder, 'cells')} belongs to a teacher with other weights.`,
    hints: [
      'A seed gives the same weights on one machine, not on every one: keep teachers/ with the cells.',
      'Or remove the cells of that trigger, to have all of them made again.',
    ],
  })
}
