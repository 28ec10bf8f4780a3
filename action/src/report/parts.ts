import {readdir, readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {z} from 'zod'
import {Report} from '../../../src/audit/report-schema.ts'
import {environmentError} from '../../../src/errors.ts'
import {worstFirst} from '../verdict.ts'

/** What one job of a matrix leaves beside its report, for the job that puts them together. */
export const Part = z.strictObject({
  version: z.literal(1),
  /** The checkout that it audited. */
  commit: z.string(),
  reports: z.array(Report),
})
export type Part = z.infer<typeof Part>
export const PART = 'part.json'

const MOST_BYTES = 256 * 2 ** 20

/**
 * The reports in all parts below a folder, by the path of their model; of several the worst. Throws E_PARTS for a folder that cannot be read, and
 * for a part that is none or is about another commit.
 */
export async function readParts(folder: string, commit: string): Promise<ReadonlyMap<string, Report>> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true}).catch((cause: unknown) => {
    throw refused(`the folder cannot be read (${(cause as NodeJS.ErrnoException).code})`, cause)
  })
  const found = new Map<string, Report>()
  for (const entry of entries) {
    if (!entry.isFile() || entry.name !== PART) continue
    const path = join(entry.parentPath, entry.name)
    if ((await stat(path)).size > MOST_BYTES) throw refused('a part is larger than any report')
    const part = await readFile(path, 'utf8')
      .then((text) => Part.safeParse(JSON.parse(text)))
      .catch((cause: unknown) => {
        throw refused('a part is not JSON', cause)
      })
    if (!part.success)
      throw refused(
        `a part is wrong at ${part.error.issues[0]?.path.join('.')}: ${part.error.issues[0]?.message}`,
      )
    if (part.data.commit !== commit) throw refused('a part is about another commit')
    for (const report of part.data.reports) {
      const other = found.get(report.model.path)
      // Two about one model (a job was run again): the order of folders must not decide.
      if (!other || rankOf(report) < rankOf(other)) found.set(report.model.path, report)
    }
  }
  return found
}

const rankOf = ({verdict}: Report) => worstFirst.indexOf(verdict)

const refused = (why: string, cause?: unknown) =>
  environmentError({
    code: 'E_PARTS',
    message: `The parts of the matrix cannot be put together: ${why}.`,
    hints: [
      'Give reports the folder into which actions/download-artifact put what the jobs of this run uploaded.',
    ],
    cause,
  })
