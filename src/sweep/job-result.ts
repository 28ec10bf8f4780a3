import {readFile} from 'node:fs/promises'
import {z} from 'zod'
import {environmentError} from '../errors.ts'
import {writeOutputs} from '../report/write-outputs.ts'
import {within} from './sweep-folder.ts'

const numbers = z.record(z.string(), z.number())

/** What is kept of a job that has ended: what was found, and how. */
export const JobResult = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  name: z.string(),
  stage: z.string(),
  parameters: z.record(z.string(), z.string()),
  /** Program and arguments, with {out} and {NEED} for folders. */
  command: z.array(z.string()),
  values: numbers,
  /** On the way, by steps (`at`). */
  curve: z.array(z.object({at: z.number()}).catchall(z.number())),
  /** SHA-256 of what others need of it, by file. */
  outputs: z.record(z.string(), z.string()),
  /** The same of what it was made from, as one hash, by the names of its needs. */
  needs: z.record(z.string(), z.string()),
  seconds: z.number().min(0),
  attempts: z.int().min(1),
  host: z.string(),
  tool: z.strictObject({name: z.literal('abd'), version: z.string()}),
})
export type JobResult = z.infer<typeof JobResult>

/** Whole or not at all. Throws E_DISK_FULL and E_OUT_UNWRITABLE. */
export async function writeResult(folder: string, result: JobResult): Promise<void> {
  JobResult.parse(result)
  await writeOutputs(within(folder).results, {[`${result.id}.json`]: `${JSON.stringify(result, null, 1)}\n`})
}

/** Undefined where there is none. Throws E_SWEEP_RESULT for a file that is no result. */
export async function readResult(folder: string, id: string): Promise<JobResult | undefined> {
  const path = within(folder).result(id)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw resultError(path, (error as Error).message)
  }
  try {
    return JobResult.extend({id: z.literal(id)}).parse(JSON.parse(text))
  } catch (error) {
    throw resultError(path, error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message)
  }
}

const resultError = (path: string, why: string) =>
  environmentError({
    code: 'E_SWEEP_RESULT',
    message: `${path} is no result of a job: ${why}`,
    hints: ['Remove that file, and abd sweep resume runs the job again.'],
  })
