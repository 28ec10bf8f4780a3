import {lstat, readdir, readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {z} from 'zod'
import {cardPaths} from '../../../src/audit/card.ts'
import {Report} from '../../../src/audit/report-schema.ts'
import {environmentError} from '../../../src/errors.ts'
import {combinedHash} from '../../../src/modelfile/read-model-file.ts'
import {hashOf} from '../audit/take-copy.ts'
import {safeLine} from '../safe-line.ts'
import {worstFirst} from '../verdict.ts'

/** What one job of a matrix leaves beside its report, for the job that puts them together. */
export const Part = z.strictObject({
  version: z.literal(2),
  /** The checkout that it audited. */
  commit: z.string(),
  /** SHA-256 of the policy that it went by. */
  policy: z.string(),
  audited: z.array(
    z.strictObject({
      report: Report,
      files: z.array(z.strictObject({path: z.string(), sha256: z.string()})).readonly(),
    }),
  ),
})
export type Part = z.infer<typeof Part>
export const PART = 'part.json'

const MOST_BYTES = 256 * 2 ** 20

export interface Expected {
  /** In the workspace of the job that puts the parts together. */
  readonly commit: string
  /** SHA-256 of the base's policy. */
  readonly policy: string
  readonly workspace: string
  /** Bytes of the largest file. */
  readonly most: number
}

/**
 * The reports in all parts below a folder, by the path of their model; of several the worst. Throws E_PARTS for a folder that cannot
 * be read, and for a part that is none, is about another commit, went by another policy or saw other files than are here.
 */
export async function readParts(folder: string, expected: Expected): Promise<ReadonlyMap<string, Report>> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true}).catch((cause: unknown) => {
    throw refused(`the folder cannot be read (${(cause as NodeJS.ErrnoException).code})`, cause)
  })
  const found = new Map<string, Report>()
  for (const entry of entries) {
    if (!entry.isFile() || entry.name !== PART) continue
    const part = await readPart(join(entry.parentPath, entry.name))
    if (part.commit !== expected.commit) throw refused('a part is about another commit')
    if (part.policy !== expected.policy) throw refused("a part went by another policy than the base's")
    for (const one of part.audited) {
      const {report} = one
      await requireSame(one, expected)
      const other = found.get(report.model.path)
      // Two about one model (a job was run again): the order of folders must not decide.
      if (!other || rankOf(report) < rankOf(other)) found.set(report.model.path, report)
    }
  }
  return found
}

async function readPart(path: string): Promise<Part> {
  if ((await stat(path)).size > MOST_BYTES) throw refused('a part is larger than any report')
  const part = await readFile(path, 'utf8')
    .then((text) => Part.safeParse(JSON.parse(text)))
    .catch((cause: unknown) => {
      throw refused('a part is not JSON', cause)
    })
  if (part.success) return part.data
  const [issue] = part.error.issues
  throw refused(`a part is wrong at ${issue?.path.join('.')}: ${issue?.message}`)
}

/** Whether a report rests on the files that are here: all of them, the cards too. An error rests on nothing, and is no pass. */
async function requireSame(
  {report, files}: Part['audited'][number],
  {workspace, most}: Expected,
): Promise<void> {
  const {path, sha256} = report.model
  if (report.verdict === 'error') return
  const other = (what: string) => refused(`the report on ${safeLine(path, 120)} ${what}`)
  const cards = cardPaths(path)
  const weights = files.filter((file) => !cards.includes(file.path))
  if (weights[0]?.path !== path) throw other('does not name its file')
  if (sha256 !== combinedHash(weights.map((file) => file.sha256)))
    throw other('is about other bytes than it names')
  for (const card of cards)
    if (
      (await lstat(join(workspace, card)).catch(() => undefined)) &&
      !files.some((file) => file.path === card)
    )
      throw other(`knows nothing of ${safeLine(card, 120)}`)
  for (const file of files) {
    const here = await hashOf(file.path, {workspace, most}).catch((error: unknown) => {
      throw other(
        `names ${safeLine(file.path, 120)}, which cannot be read here (${(error as Error).message})`,
      )
    })
    if (here !== file.sha256) throw other(`was made from another ${safeLine(file.path, 120)} than is here`)
  }
}

const rankOf = ({verdict}: Report) => worstFirst.indexOf(verdict)

const refused = (why: string, cause?: unknown) =>
  environmentError({
    code: 'E_PARTS',
    message: `The parts of the matrix cannot be put together: ${why}.`,
    hints: [
      'Give reports the folder into which actions/download-artifact put what the jobs of this run uploaded.',
      'Its job needs the same checkout as theirs: the same commit, lfs: true.',
    ],
    cause,
  })
