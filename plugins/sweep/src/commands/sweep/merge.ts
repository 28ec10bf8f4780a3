import {BaseCommand, printableLine} from '@abd/cli'
import {Args} from '@oclif/core'
import type {Merged} from '@abd/core/sweep'

export default class SweepMerge extends BaseCommand {
  static override summary = 'Bring together what several machines found of one sweep'
  static override description = [
    "Takes results, journals and files out of copies of the sweep's folder, or of folders that hold such copies, as GitHub's",
    'artifacts come down. A result that is here stays; one with other figures is told.',
  ].join(' ')
  static override examples = ['<%= config.bin %> <%= command.id %> sweep artifacts/']
  static override strict = false
  static override args = {
    folder: Args.string({required: true, description: 'Folder of the sweep'}),
    copy: Args.string({required: true, description: 'A copy of it, or a folder of copies; one or several'}),
  }

  async run(): Promise<Merged> {
    const {args, argv} = await this.parse(SweepMerge)
    const {mergeSweeps, openSweep} = await import('@abd/core/sweep')
    const sweep = await openSweep(args.folder)
    const merged = await mergeSweeps(sweep, (argv as string[]).slice(1))
    const {results, different, unknown} = merged
    this.log(`${results.length} result${results.length === 1 ? '' : 's'} came with it`)
    for (const name of different)
      this.log(`${printableLine(name)} is here already, with other figures: these stay`)
    if (unknown > 0) this.log(`${unknown} of jobs that the plan does not have were left`)
    return merged
  }
}
