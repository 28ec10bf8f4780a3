import type {Job} from '../job.ts'
import type {JobResult} from '../job-result.ts'
import type {TableRequest} from '../plan-schema.ts'
import {meanInterval, statistic} from '../statistic.ts'
import type {Statistic} from '../statistic.ts'
import type {Sweep} from '../sweep-folder.ts'

/** Mean, deviation and interval over what is in one cell, as over seeds. */
export interface Summary extends Statistic {
  readonly n: number
  /** 95 %, of the mean. */
  readonly interval: readonly [low: number, high: number] | null
}

/** What a row or a column stands for: labels by parameter. */
export type Labels = Readonly<Record<string, string>>

/** Jobs that stand together in a table. */
export interface Group {
  readonly row: Labels
  readonly column: Labels
  readonly results: readonly JobResult[]
}

export interface Table {
  readonly title: string
  readonly stage: string
  readonly rows: readonly Labels[]
  readonly columns: readonly Labels[]
  readonly values: readonly string[]
  /** By row, then column: a summary for each value, null where nothing is done. */
  readonly cells: readonly (readonly (Readonly<Record<string, Summary | null>> | null)[])[]
  readonly done: number
  readonly of: number
}

/** What a table is made of, with nothing left open. */
export interface Layout {
  readonly title: string
  readonly job: string
  readonly rows: readonly string[]
  readonly columns: readonly string[]
  readonly values: readonly string[]
}

/** Where a job of a stage belongs, and what has been found there. */
export interface Grouped {
  readonly request: Layout
  readonly groups: readonly Group[]
}

/** What the plan asks for; else one table of each stage that no other needs. */
export function requestsOf(sweep: Sweep, results: ReadonlyMap<string, JobResult>): readonly Layout[] {
  const {plan, jobs} = sweep
  const needed = new Set(Object.values(plan.jobs).flatMap(({needs}) => needs))
  const last = Object.keys(plan.jobs).filter((name) => !needed.has(name))
  const asked: readonly TableRequest[] = plan.tables ?? last.map((job) => ({job}))
  return asked.map((request) => {
    const job = request.job ?? last[0]!
    const ofStage = jobs.filter(({stage}) => stage === job)
    const parameters = [...new Set(ofStage.flatMap(({parameters}) => Object.keys(parameters)))]
    const free = parameters.filter((name) => name !== 'seed' && !request.columns?.includes(name))
    const rows = request.rows ?? free.slice(0, 1)
    return {
      title: request.title ?? (asked.length > 1 ? `${plan.name ?? ''}: ${job}` : (plan.name ?? job)),
      job,
      rows,
      columns: request.columns ?? free.filter((name) => !rows.includes(name)),
      values: request.values ?? valuesIn(ofStage, results),
    }
  })
}

/** Accuracy and ASR first. */
function valuesIn(jobs: readonly Job[], results: ReadonlyMap<string, JobResult>): string[] {
  const names = new Set(jobs.flatMap(({id}) => Object.keys(results.get(id)?.values ?? {})))
  const first = ['accuracy', 'asr'].filter((name) => names.delete(name))
  return [...first, ...names]
}

export function groupJobs(sweep: Sweep, results: ReadonlyMap<string, JobResult>, request: Layout): Grouped {
  const groups = new Map<string, {row: Labels; column: Labels; results: JobResult[]}>()
  for (const {id, stage, parameters} of sweep.jobs) {
    if (stage !== request.job) continue
    const [row, column] = [pick(parameters, request.rows), pick(parameters, request.columns)]
    const key = JSON.stringify([row, column])
    const group = groups.get(key) ?? {row, column, results: []}
    groups.set(key, group)
    const result = results.get(id)
    if (result) group.results.push(result)
  }
  return {request, groups: [...groups.values()]}
}

const pick = (parameters: Labels, names: readonly string[]): Labels =>
  Object.fromEntries(
    names.flatMap((name) => (parameters[name] === undefined ? [] : [[name, parameters[name]]])),
  )

/** Mean, deviation and interval of each group, in the order of the plan. */
export function tableOf(sweep: Sweep, {request, groups}: Grouped): Table {
  const rows = distinct(groups.map(({row}) => row))
  const columns = distinct(groups.map(({column}) => column))
  const ofStage = sweep.jobs.filter(({stage}) => stage === request.job)
  return {
    title: request.title,
    stage: request.job,
    rows,
    columns,
    values: request.values,
    cells: rows.map((row) =>
      columns.map((column) => {
        const group = groups.find((one) => same(one.row, row) && same(one.column, column))
        return group && group.results.length > 0
          ? Object.fromEntries(request.values.map((value) => [value, summaryOf(group.results, value)]))
          : null
      }),
    ),
    done: groups.reduce((sum, {results}) => sum + results.length, 0),
    of: ofStage.length,
  }
}

function summaryOf(results: readonly JobResult[], value: string): Summary | null {
  const numbers = results.flatMap(({values}) => values[value] ?? [])
  return numbers.length === 0
    ? null
    : {n: numbers.length, ...statistic(numbers), interval: meanInterval(numbers)}
}

export const same = (a: Labels, b: Labels): boolean => JSON.stringify(a) === JSON.stringify(b)

export const distinct = (all: readonly Labels[]): readonly Labels[] => [
  ...new Map(all.map((labels) => [JSON.stringify(labels), labels])).values(),
]

/** `ood, abd`; the parameter's name where nothing varies. */
export const labelText = (labels: Labels, otherwise: string): string =>
  Object.values(labels).join(', ') || otherwise
