import {readFileSync} from 'node:fs'
import {open} from 'node:fs/promises'
import {z} from 'zod'
import {within} from './sweep-folder.ts'

/** What happened to a job, one line each; the result itself lies beside. */
export const JobEvent = z.object({
  event: z.enum(['started', 'done', 'failed', 'interrupted']),
  /** ISO 8601. */
  at: z.string(),
  host: z.string(),
  pid: z.number(),
  /** Of Slurm: `123_4`. */
  slurm: z.string().optional(),
  /** Why it failed. */
  message: z.string().optional(),
})
export type JobEvent = z.infer<typeof JobEvent>

/** On the disk when it answers. Throws what the system says. */
export async function appendEvent(folder: string, id: string, event: JobEvent): Promise<void> {
  const handle = await open(within(folder).journal(id), 'a')
  try {
    await handle.appendFile(`${JSON.stringify(event)}\n`)
    await handle.datasync()
  } finally {
    await handle.close()
  }
}

/** The oldest first; a line that was torn when a machine stopped is passed over. */
export function readEvents(folder: string, id: string): readonly JobEvent[] {
  return textOf(within(folder).journal(id))
    .split('\n')
    .flatMap((line) => {
      try {
        const parsed = JobEvent.safeParse(JSON.parse(line))
        return parsed.success ? [parsed.data] : []
      } catch {
        return []
      }
    })
}

/** At once: of thousands of files of one line each, waiting would be most of the time. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
