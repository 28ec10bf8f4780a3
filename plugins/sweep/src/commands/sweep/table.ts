import {printableLine, SweepCommand} from '@abd/cli'
import {Args} from '@oclif/core'
import {trackingFlags} from '@abd/cli'
import type {Table} from '@abd/core/sweep'

interface Tabulation {
  readonly tables: readonly Table[]
  readonly files: readonly string[]
}

export default class SweepTable extends SweepCommand {
  static override summary = 'Make tables and pictures of what a sweep has found so far'
  static override description = [
    'Mean, standard deviation and 95 % interval over seeds, by the rows and columns that the plan asks for: table.md, table.csv,',
    'table.tex, table.html, table.json, and every job in jobs.csv; scatter.svg (accuracy against ASR), heatmap.svg (what of',
    "the backdoor is handed on), curves.svg. With a tracking server they are artifacts of the sweep's run in MLflow, too.",
  ].join(' ')
  static override examples = ['<%= config.bin %> <%= command.id %> sweep']
  static override args = {folder: Args.string({required: true, description: 'Folder of the sweep'})}
  static override flags = trackingFlags

  async run(): Promise<Tabulation> {
    const {args, flags} = await this.parse(SweepTable)
    const {openSweep, tabulateSweep} = await import('@abd/core/sweep')
    const sweep = await openSweep(args.folder)
    // Whoever asks for the table of nothing is told so.
    await tabulateSweep(sweep)
    const made = await this.trackedSweep(sweep, flags, (recorder) => this.tabulate(sweep, recorder))
    const {tables, files, text} = made!
    this.log(`${text}\n\nWrote ${files.map(printableLine).join(', ')}`)
    return {tables, files}
  }
}
