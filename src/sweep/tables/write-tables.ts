import {usageError} from '../../errors.ts'
import {writeOutputs} from '../../report/write-outputs.ts'
import {readResult} from '../job-result.ts'
import type {JobResult} from '../job-result.ts'
import {idsIn, within} from '../sweep-folder.ts'
import type {Sweep} from '../sweep-folder.ts'
import {tablePage} from './page.ts'
import type {Pictures} from './page.ts'
import {curvesPlot, heatMap, scatterPlot} from './pictures.ts'
import {groupJobs, requestsOf, tableOf} from './table.ts'
import type {Table} from './table.ts'
import {jobsCsv, tableCsv, tableLatex, tableMarkdown} from './texts.ts'

export interface Tabulated {
  readonly tables: readonly Table[]
  readonly files: readonly string[]
}

/**
 * Writes tables and pictures of what is done, in the sweep's folder. Throws E_SWEEP_EMPTY where nothing is,
 * E_SWEEP_RESULT, E_OUT_UNWRITABLE and E_DISK_FULL.
 */
export async function writeTables(sweep: Sweep): Promise<Tabulated> {
  const results = await readResults(sweep)
  const grouped = requestsOf(sweep, results)
    .map((request) => groupJobs(sweep, results, request))
    .filter(({groups}) => groups.some((group) => group.results.length > 0))
  if (grouped.length === 0)
    throw usageError({
      code: 'E_SWEEP_EMPTY',
      message: `No job of ${sweep.folder} that a table is made of is done yet.`,
      hints: [`Go on with: abd sweep resume ${sweep.folder}`],
    })
  const made = grouped.map((one) => ({
    table: tableOf(sweep, one),
    pictures: present({
      'accuracy against ASR': scatterPlot(one),
      'transfer by row and column': heatMap(one, (result) => teacherOf(result, sweep, results)),
      'learning curves': curvesPlot(one),
    }),
  }))
  const tables = made.map(({table}) => table)
  const files = {
    'table.md': tableMarkdown(tables),
    'table.csv': tableCsv(tables),
    'table.tex': tableLatex(tables),
    'table.html': tablePage(sweep.name, made),
    'table.json': `${JSON.stringify(tables, null, 1)}\n`,
    'jobs.csv': jobsCsv(sweep.jobs.flatMap(({id}) => results.get(id) ?? [])),
    ...(Object.assign({}, ...made.map(({pictures}, i) => pictureFiles(pictures, i))) as Record<
      string,
      string
    >),
  }
  return {tables, files: await writeOutputs(sweep.folder, files)}
}

async function readResults(sweep: Sweep): Promise<ReadonlyMap<string, JobResult>> {
  const done = await idsIn(within(sweep.folder).results, '.json')
  const results = new Map<string, JobResult>()
  for (const {id} of sweep.jobs) {
    const result = done.has(id) ? await readResult(sweep.folder, id) : undefined
    if (result) results.set(id, result)
  }
  return results
}

/** Of what it needs, the first that has an ASR. */
const teacherOf = (
  {id}: JobResult,
  {byId}: Sweep,
  results: ReadonlyMap<string, JobResult>,
): JobResult | undefined =>
  Object.values(byId.get(id)!.needs)
    .flatMap((need) => results.get(need) ?? [])
    .find(({values}) => values['asr'] !== undefined)

const present = (pictures: Readonly<Record<string, string | undefined>>): Pictures =>
  Object.fromEntries(
    Object.entries(pictures).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )

const names: Readonly<Record<string, string>> = {
  'accuracy against ASR': 'scatter',
  'transfer by row and column': 'heatmap',
  'learning curves': 'curves',
}

const pictureFiles = (pictures: Pictures, i: number): Record<string, string> =>
  Object.fromEntries(
    Object.entries(pictures).map(([what, svg]) => [`${names[what]}${i > 0 ? `-${i + 1}` : ''}.svg`, svg]),
  )
