import type {Job} from '../job.ts'

/** What `strategy.matrix` takes. */
export interface Matrix {
  readonly include: readonly {
    /** From 0: for names of artifacts. */
    readonly index: number
    /** For people. */
    readonly name: string
    /** Ids, with spaces between: what `abd sweep job` takes. */
    readonly jobs: string
  }[]
}

/** GitHub runs no more of one matrix. */
const MOST = 256

/**
 * The jobs that are left, in levels: those of one need nothing of their own or of later ones, so that a matrix after the other
 * runs them. Where a level has more jobs than a matrix may have entries, an entry has several.
 */
export function matrices(jobs: readonly Job[], done: ReadonlySet<string>): readonly Matrix[] {
  const levelOf = new Map<string, number>()
  const levels: Job[][] = []
  for (const job of jobs) {
    const needs = Object.values(job.needs).map((id) => levelOf.get(id)!)
    const level = needs.length === 0 ? 0 : 1 + Math.max(...needs)
    levelOf.set(job.id, level)
    const here = (levels[level] ??= [])
    if (!done.has(job.id)) here.push(job)
  }
  return levels.map((level) => {
    const entries = Math.min(MOST, level.length)
    return {
      include: Array.from({length: entries}, (_, i) => {
        const own = level.filter((_job, j) => j % entries === i)
        return {
          index: i,
          name: own.length === 1 ? own[0]!.name : `${own[0]!.name} and ${own.length - 1} more`,
          jobs: own.map(({id}) => id).join(' '),
        }
      }),
    }
  })
}
