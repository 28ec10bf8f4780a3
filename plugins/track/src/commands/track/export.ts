import {BaseCommand, journalFlags, printableLine} from '@abd/cli'
import type {Exported} from '@abd/core/track'
import {Flags} from '@oclif/core'
import {placesOf} from '../../places-of.ts'

export default class TrackExport extends BaseCommand {
  static override summary = 'Write recorded runs as a folder of files that MLflow reads'
  static override description = [
    'The folder is laid out as `mlruns`, with artifacts beside the runs, and can be moved. MLflow 3 reads it with',
    '`mlflow migrate-filestore --source DIR --target sqlite:///mlflow.db`, or as it is where MLFLOW_ALLOW_FILE_STORE=true is set:',
    '`mlflow ui --backend-store-uri DIR --artifacts-destination DIR`.',
  ].join(' ')
  static override examples = [
    {
      description: 'All recorded runs',
      command: '<%= config.bin %> <%= command.id %> --mlruns mlruns',
    },
  ]
  static override flags = {
    journal: journalFlags.journal,
    mlruns: Flags.string({
      required: true,
      helpValue: 'DIR',
      summary: 'A new folder, or one of an earlier export.',
    }),
  }

  async run(): Promise<Exported> {
    const {flags} = await this.parse(TrackExport)
    const {exportMlruns} = await import('@abd/core/track')
    const {root} = await placesOf(flags)
    const exported = await exportMlruns(root, flags.mlruns)
    const {runs, metrics, artifacts} = exported
    this.log(
      `Wrote ${runs} runs with ${metrics} metrics and ${artifacts} artifacts to ${printableLine(flags.mlruns)}`,
    )
    return exported
  }
}
