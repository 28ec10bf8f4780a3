import {SweepCommand, trackingFlags} from '@abd/cli'
import {Args} from '@oclif/core'
import type {JobResult} from '@abd/core/sweep'

interface JobRun {
  readonly name: string
  /** False where the result was there. */
  readonly isNew: boolean
  readonly result: JobResult
}

export default class SweepJob extends SweepCommand {
  static override summary = 'Run one job of a sweep: what Slurm and GitHub call'
  static override description = [
    'Runs the job unless its result is there; what was interrupted goes on from its checkpoint. Asked to end (SIGTERM), it lets',
    'the job keep one. Under Slurm a lock that a job on another node left is taken over, once Slurm knows that it has ended.',
  ].join(' ')
  static override examples = ['<%= config.bin %> <%= command.id %> sweep student-badnet_grid-ood-0']
  static override args = {
    folder: Args.string({required: true, description: 'Folder of the sweep'}),
    job: Args.string({required: true, description: 'Its id or its name'}),
  }
  static override flags = trackingFlags

  async run(): Promise<JobRun> {
    const {args, flags} = await this.parse(SweepJob)
    const {findJob, openSweep} = await import('@abd/core/sweep')
    const {environmentError} = await import('@abd/core')
    const sweep = await openSweep(args.folder)
    const job = findJob(sweep, args.job)
    const outcome = await this.runOne(sweep, job, flags)
    if (outcome.state === 'done') {
      this.log(outcome.isNew ? `${job.name}: done in ${outcome.result.seconds} s` : `${job.name} was done`)
      return {name: job.name, isNew: outcome.isNew, result: outcome.result}
    }
    throw environmentError(
      outcome.state === 'failed'
        ? {code: 'E_JOB', message: `${job.name} failed: ${outcome.reason}`}
        : {
            code: 'E_JOB_HELD',
            message: `Another process is at ${job.name}: ${outcome.heldBy}.`,
            hints: [`If there is none, remove locks/${job.id}.lock.`],
          },
    )
  }
}
