import {existsSync} from 'node:fs'
import {open, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {z} from 'zod'
import {within} from '../sweep-folder.ts'
import type {Sweep} from '../sweep-folder.ts'

/** What was given to sbatch: written before, and again with Slurm's number after. */
const Submission = z.object({
  /** Stands in the job's comment, so that one whose answer was lost is found. */
  token: z.string(),
  array: z.string(),
  /** Ids of jobs by task. */
  tasks: z.record(z.string(), z.string()),
  /** Of Slurm. */
  number: z.string().optional(),
})
export type Submission = z.infer<typeof Submission>

const fileOf = ({folder}: Sweep): string => join(within(folder).slurm, 'submissions.jsonl')

/** Was anything of it given to Slurm? */
export const hasSubmissions = (sweep: Sweep): boolean => existsSync(fileOf(sweep))

/** On the disk when it answers. */
export async function appendSubmission(sweep: Sweep, submission: Submission): Promise<void> {
  const handle = await open(fileOf(sweep), 'a')
  try {
    await handle.appendFile(`${JSON.stringify(submission)}\n`)
    await handle.datasync()
  } finally {
    await handle.close()
  }
}

/** The oldest first, each once, with its number where it is known. */
export async function readSubmissions(sweep: Sweep): Promise<readonly Submission[]> {
  const text = await readFile(fileOf(sweep), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const found = new Map<string, Submission>()
  for (const line of text.split('\n')) {
    try {
      const submission = Submission.parse(JSON.parse(line))
      found.set(submission.token, {...found.get(submission.token), ...submission})
    } catch {
      // The last line, torn when a machine stopped: sbatch comes after it.
    }
  }
  return [...found.values()]
}
