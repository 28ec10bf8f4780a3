import {availableParallelism} from 'node:os'
import type {Job} from './job.ts'

/** What a machine has for jobs. */
export interface Capacity {
  readonly cores: number
  readonly megabytes: number
  /** As CUDA_VISIBLE_DEVICES names them. */
  readonly gpus: readonly string[]
  /** At most so many jobs at a time, whatever they take. */
  readonly jobs: number
}

/** Of this machine: what its operating system and its container leave free. */
export const thisMachine = (): Pick<Capacity, 'cores' | 'megabytes'> => ({
  cores: availableParallelism(),
  megabytes: Math.floor(process.availableMemory() / 2 ** 20),
})

/** What jobs hold of it. */
export interface Slots {
  /** GPUs for the job, where it fits beside those that run; what is more than the machine has runs alone. */
  take(job: Job): readonly string[] | undefined
  give(job: Job, gpus: readonly string[]): void
}

export function slotsOf({cores, megabytes, gpus, jobs}: Capacity): Slots {
  const free = {cores, megabytes, jobs, gpus: [...gpus]}
  const needOf = ({budget}: Job) => ({
    cores: Math.min(budget.cores, cores),
    megabytes: Math.min(budget.megabytes, megabytes),
  })
  return {
    take(job) {
      const need = needOf(job)
      const fits =
        free.jobs >= 1 &&
        free.cores >= need.cores &&
        free.megabytes >= need.megabytes &&
        free.gpus.length >= job.budget.gpus
      if (!fits) return undefined
      free.jobs--
      free.cores -= need.cores
      free.megabytes -= need.megabytes
      return free.gpus.splice(0, job.budget.gpus)
    },
    give(job, taken) {
      const need = needOf(job)
      free.jobs++
      free.cores += need.cores
      free.megabytes += need.megabytes
      free.gpus.push(...taken)
    },
  }
}
