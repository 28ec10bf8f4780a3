import type {Cell} from './cell.ts'
import type {Job} from './job.ts'
import {statistic} from '@abd/core/sweep'

/**
 * What the jobs without a cell will take, by the mean of those like them that have ended: of the same method with or
 * without ABD, else of all. Undefined where none has.
 */
export function secondsLeft(jobs: readonly Job[], cells: ReadonlyMap<string, Cell>): number | undefined {
  const ended = jobs.flatMap((job) => {
    const cell = cells.get(job.name)
    return cell ? [{kind: kindOf(job), seconds: cell.seconds}] : []
  })
  if (ended.length === 0) return undefined
  const mean = (ones: typeof ended) => statistic(ones.map(({seconds}) => seconds)).mean
  return jobs
    .filter(({name}) => !cells.has(name))
    .map((job) => {
      const like = ended.filter(({kind}) => kind === kindOf(job))
      return mean(like.length > 0 ? like : ended)
    })
    .reduce((sum, seconds) => sum + seconds, 0)
}

const kindOf = ({place}: Job): string => (place ? `${place.method} ${place.abd}` : 'teacher')
