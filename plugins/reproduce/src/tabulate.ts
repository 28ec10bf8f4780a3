import {statistic} from '@abd/core/sweep'
import type {Statistic} from '@abd/core/sweep'
import type {Cell, Shares} from './cell.ts'
import {methods, variantsOf} from './job.ts'
import type {Job, Method} from './job.ts'

export interface Entry {
  readonly seeds: number
  readonly accuracyPercent: Statistic
  readonly asrPercent: Statistic
}

export interface Column {
  /** Null is the teacher's. */
  readonly method: Method | null
  readonly abd: boolean
}

export interface Table {
  readonly columns: readonly Column[]
  /** Entries by column; null where nothing has been run. */
  readonly rows: readonly {readonly trigger: string; readonly entries: readonly (Entry | null)[]}[]
}

/** Teacher, each method without and with ABD, clean KD: mean and deviation over the seeds that have been run. */
export function tabulate(jobs: readonly Job[], cells: ReadonlyMap<string, Cell>): Table {
  const columns: Column[] = [
    {method: null, abd: false},
    ...methods
      .filter((method) => jobs.some(({place}) => place?.method === method))
      .flatMap((method) => variantsOf(method).map((abd) => ({method, abd}))),
  ]
  const triggers = [...new Set(jobs.map(({trigger}) => trigger))]
  const entryOf = (trigger: string, column: Column) => {
    const belonging = jobs.filter((job) => job.trigger === trigger && isIn(job, column))
    const made = belonging.flatMap(({name}) => cells.get(name) ?? [])
    return made.length > 0 ? entry(made) : null
  }
  return {
    columns,
    rows: triggers.map((trigger) => ({trigger, entries: columns.map((column) => entryOf(trigger, column))})),
  }
}

const isIn = ({place}: Job, {method, abd}: Column): boolean =>
  place ? place.method === method && place.abd === abd : method === null

const entry = (shares: readonly Shares[]): Entry => ({
  seeds: shares.length,
  accuracyPercent: statistic(shares.map(({accuracyPercent}) => accuracyPercent)),
  asrPercent: statistic(shares.map(({asrPercent}) => asrPercent)),
})
