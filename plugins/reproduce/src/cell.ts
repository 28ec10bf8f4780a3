import {shellWord, usageError} from '@abd/core'
import {writeOutputs} from '@abd/core/report'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {z} from 'zod'
import type {Job} from './job.ts'

const percent = z.number().min(0).max(100)

const Shares = z.strictObject({
  accuracyPercent: percent,
  /** Of stamped test images of other classes, how many are taken for the target. */
  asrPercent: percent,
})
export type Shares = z.infer<typeof Shares>

/** What is kept of a job that has ended: enough to tell how it was made, and to draw it. */
export const Cell = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  /** Arguments of `abd`, the grid's folder as `.`. */
  command: z.array(z.string()),
  /** SHA-256 of the teacher's weights: a student's figures belong to them. */
  teacher: z.string(),
  ...Shares.shape,
  /** On the way, by steps for a student and by epochs for a teacher. */
  curve: z.array(Shares.extend({at: z.number()})),
  /** What the defences said. */
  events: z.array(z.string()),
  seconds: z.number().min(0),
  engine: z.string(),
  /** Not told by the first cells that there were. */
  device: z.enum(['cpu', 'gpu']).optional(),
})
export type Cell = z.infer<typeof Cell>

const cellsOf = (folder: string): string => join(folder, 'cells')
const cellFile = (name: string): string => `${name}.json`

/** Whole or not at all. Throws E_DISK_FULL and E_OUT_UNWRITABLE. */
export async function writeCell(folder: string, cell: Cell): Promise<void> {
  await writeOutputs(cellsOf(folder), {[cellFile(cell.name)]: `${JSON.stringify(cell, null, 1)}\n`})
}

/**
 * The cell of a job that has ended, undefined where there is none. Throws E_CELL for a file that is no cell and for one
 * that another command made: figures of two recipes are not mixed.
 */
export async function readCell(folder: string, job: Job): Promise<Cell | undefined> {
  const path = join(cellsOf(folder), cellFile(job.name))
  const cell = await cellIn(path)
  const command = job.command('.')
  if (!cell || sameWords(cell.command, command)) return cell
  throw cellError(
    `${path} was made by another command than the one of this table.\n  there: abd ${inShell(cell.command)}\n  here:  abd ${inShell(command)}`,
  )
}

async function cellIn(path: string): Promise<Cell | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cellError(`${path} cannot be read: ${(error as Error).message}`)
  }
  try {
    return Cell.parse(JSON.parse(text))
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message
    throw cellError(`${path} is no cell of this table: ${why}`)
  }
}

const cellError = (message: string) =>
  usageError({
    code: 'E_CELL',
    message,
    hints: ['Remove that file to have it made again, or choose another folder with --out.'],
  })

const inShell = (command: readonly string[]): string => command.map(shellWord).join(' ')

const sameWords = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((word, i) => word === b[i])
