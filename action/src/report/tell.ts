import {appendFile, mkdtemp, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Report} from '../../../src/audit/report-schema.ts'
import type {GateEvent} from '../events/gate-event.ts'
import type {GitHub} from '../events/github.ts'
import type {Inputs} from '../inputs.ts'
import {safeLine} from '../safe-line.ts'
import {overallVerdict} from '../verdict.ts'
import {annotationsOf} from './annotations.ts'
import type {Part} from './parts.ts'
import type {Runner} from './runner.ts'
import type {MlflowOptions} from './to-mlflow.ts'
import {notAudited, scannedOnly} from './scanned-only.ts'
import {stickyComment} from './sticky-comment.ts'
import {writeFiles, writeSarifFile} from './write-files.ts'

export interface Told {
  readonly reports: readonly Report[]
  readonly red: boolean
  readonly event: GateEvent
  readonly inputs: Inputs
  readonly github: GitHub | null
  readonly workspace: string
  /** Of a matrix: what is left for the job that puts its parts together. */
  readonly part: Part
  /** Where the audits are to be logged, too. */
  readonly mlflow: Pick<MlflowOptions, 'settings' | 'environment' | 'now'> | null
  /** For the files; not there yet. */
  readonly folder: string
  /** Of the job. */
  readonly temp: string
  /** The file behind GITHUB_STEP_SUMMARY. */
  readonly summary: string | undefined
  readonly marker: string
}

/**
 * Tells the result wherever somebody may look, all of it before the job ends. What cannot be told in one place is a
 * warning and is told in the others: the verdict stands.
 */
export async function tell(runner: Runner, told: Told): Promise<void> {
  const {reports, event, inputs, github, workspace} = told
  const attempt = async (what: string, work: () => Promise<void>) => {
    try {
      await work()
    } catch (error) {
      const {message, status} = error as Error & {status?: number}
      const said = status === undefined ? '' : `${status} `
      runner.warning(`${what} failed: ${said}${safeLine(message, 300)}${remedy(what, status, message)}`, {
        title: 'abd',
      })
    }
  }
  const {fitMarkdown} = await import('./fit-markdown.ts')
  const {pictureOf} = await import('./picture.ts')
  const markdown =
    reports.length === 0
      ? '## Backdoor audit: no models\n\nNothing that changed is a model.\n'
      : `${notAudited(reports)}${fitMarkdown(reports)}`

  await attempt('Writing the report', async () => {
    const {folder, sarif, markdown: summaryFile} = await writeFiles(told.folder, reports, told.part)
    runner.setOutput('report', folder)
    runner.setOutput('sarif', sarif)
    runner.setOutput('summary-file', summaryFile)
    if (inputs['sarif-file'])
      runner.setOutput(
        'sarif',
        await writeSarifFile(inputs['sarif-file'], workspace, await readFile(sarif, 'utf8')),
      )
  })
  await attempt('The job summary', async () => {
    if (told.summary)
      await appendFile(told.summary, [pictureOf(reports), markdown].filter(Boolean).join('\n'))
  })
  // The jobs of a matrix have said theirs; the one that puts them together does not say them again.
  if (!inputs.reports)
    for (const {level, message, ...properties} of annotationsOf(reports)) runner[level](message, properties)
  const {pull} = event
  if (pull && github && inputs.comment !== 'never')
    await attempt('The comment', async () => {
      const create =
        inputs.comment === 'always' || told.red || reports.some(({verdict}) => verdict !== 'pass')
      const url = await stickyComment(github, {
        number: pull.number,
        marker: told.marker,
        body: markdown,
        create,
      })
      if (url !== undefined) runner.setOutput('comment-url', url)
    })
  const {mlflow} = told
  if (mlflow && reports.length > 0)
    await attempt('Logging to MLflow', async () => {
      const {toMlflow} = await import('./to-mlflow.ts')
      const note = (line: string) => runner.info(safeLine(line))
      await toMlflow(reports, {...mlflow, folder: await mkdtemp(join(told.temp, 'abd-track-')), note})
    })
  const {head} = event
  const unseen = reports.some(scannedOnly)
  if (inputs['check-run'] && github && head !== null)
    await attempt('The check run', () =>
      github.createCheckRun({
        name: 'abd',
        head,
        conclusion: told.red ? 'failure' : reports.length === 0 || unseen ? 'neutral' : 'success',
        title: `${unseen ? 'Not audited for backdoors, only scanned' : 'Backdoor audit'}: ${overallVerdict(reports)}`,
        summary: markdown,
      }),
    )
}

/** What to do where GitHub, or a server, answered with a status. */
function remedy(what: string, status: number | undefined, message: string): string {
  if (status === undefined) return ''
  // GitHub says 403 for both.
  if (status === 429 || /rate limit/i.test(message))
    return ' (the verdict stands; run the job again when the limit is over)'
  if (status === 403) return ` (${rights[what] ?? 'the token may not do that'})`
  // What a token may not see is not there for it.
  if (status === 404 && rights[what]) return ` (${rights[what]})`
  if (status === 401) return ' (the token is not valid, or no more)'
  return status >= 500 ? ' (the verdict stands; run the job again later)' : ''
}

const rights: Readonly<Record<string, string>> = {
  'The comment': 'give the job permissions: pull-requests: write, or set comment: never',
  'The check run': 'give the job permissions: checks: write',
}
