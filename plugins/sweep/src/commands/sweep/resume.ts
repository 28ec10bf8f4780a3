import {executorFlags, SweepCommand} from '@abd/cli'
import type {Levels, Submission, SweepRun} from '@abd/cli'
import {Args} from '@oclif/core'

export default class SweepResume extends SweepCommand {
  static override summary = 'Go on with a sweep: what is missing, what failed, what was cancelled'
  static override description = [
    'As abd sweep run, with the plan that the folder keeps. Jobs that failed are tried again, interrupted ones go on from',
    'their checkpoints.',
  ].join(' ')
  static override examples = ['<%= config.bin %> <%= command.id %> sweep']
  static override args = {folder: Args.string({required: true, description: 'Folder of the sweep'})}
  static override flags = executorFlags

  async run(): Promise<SweepRun | Submission | Levels> {
    const {args, flags} = await this.parse(SweepResume)
    const {openSweep} = await import('@abd/core/sweep')
    return this.runSweep(await openSweep(args.folder), flags)
  }
}
