import {SweepCommand, trackingFlags} from '@abd/cli'
import {environmentError} from '@abd/core'
import {Args} from '@oclif/core'
import type {JobResult} from '@abd/core/sweep'

interface JobRun {
  readonly name: string
  /** False where the result was there. */
  readonly isNew: boolean
  readonly result: JobResult
}

export default class SweepJob extends SweepCommand {
  static override summary = 'Run jobs of a sweep: what Slurm and GitHub call'
  static override description = [
    'Runs a job unless its result is there; what was interrupted goes on from its checkpoint. Asked to end (SIGTERM), it lets',
    'the job keep one. Under Slurm a lock that a job on another node left is taken over, once Slurm knows that it has ended.',
  ].join(' ')
  static override examples = ['<%= config.bin %> <%= command.id %> sweep student-badnet_grid-ood-0']
  static override strict = false
  static override args = {
    folder: Args.string({required: true, description: 'Folder of the sweep'}),
    job: Args.string({required: true, description: 'Its id or its name; several run one after the other'}),
  }
  static override flags = trackingFlags

  async run(): Promise<{readonly jobs: readonly JobRun[]}> {
    const {args, argv, flags} = await this.parse(SweepJob)
    const {findJob, openSweep} = await import('@abd/core/sweep')
    const sweep = await openSweep(args.folder)
    const wanted = (argv as string[]).slice(1).map((word) => findJob(sweep, word))
    const jobs: JobRun[] = []
    const problems: string[] = []
    for (const job of wanted) {
      const outcome = await this.runOne(sweep, job, flags)
      if (outcome.state === 'done') {
        this.log(outcome.isNew ? `${job.name}: done in ${outcome.result.seconds} s` : `${job.name} was done`)
        jobs.push({name: job.name, isNew: outcome.isNew, result: outcome.result})
      } else
        problems.push(
          outcome.state === 'failed'
            ? `${job.name} failed: ${outcome.reason}`
            : `${job.name} is left to ${outcome.heldBy}; if there is no such process, remove locks/${job.id}.lock.`,
        )
    }
    if (problems.length > 0) throw environmentError({code: 'E_JOB', message: problems.join('\n')})
    return {jobs}
  }
}
