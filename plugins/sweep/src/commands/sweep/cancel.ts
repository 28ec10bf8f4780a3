import {BaseCommand} from '@abd/cli'
import {Args} from '@oclif/core'

export default class SweepCancel extends BaseCommand {
  static override summary = 'End a sweep that runs, with its checkpoints kept'
  static override description = [
    'Whoever runs jobs of the sweep, here or on another machine that shares the folder, ends them within a second or two; they may',
    'keep their checkpoints first. What waits or runs on Slurm is taken out of its queue. What is done stays done; abd sweep resume goes on.',
  ].join(' ')
  static override examples = ['<%= config.bin %> <%= command.id %> sweep']
  static override args = {folder: Args.string({required: true, description: 'Folder of the sweep'})}

  async run(): Promise<{folder: string; running: number; removed: number}> {
    const {args} = await this.parse(SweepCancel)
    const {cancelOnSlurm, cancelSweep, countStates, jobStates, openSweep} = await import('@abd/core/sweep')
    const sweep = await openSweep(args.folder)
    await cancelSweep(sweep, new Date())
    const {running} = countStates(await jobStates(sweep))
    const removed = await cancelOnSlurm(sweep)
    if (removed > 0) this.log(`Took ${removed} job${removed > 1 ? 's' : ''} out of Slurm's queue.`)
    else if (running > 0) this.log(`Asked ${running} running job${running > 1 ? 's' : ''} to end.`)
    else this.log('No job runs; none will be begun.')
    return {folder: sweep.folder, running, removed}
  }
}
