import {BaseCommand, journalFlags, printableLine, table} from '@abd/cli'
import type {JournalStatus} from '@abd/core/track'
import {placesOf} from '../../places-of.ts'

export default class TrackStatus extends BaseCommand {
  static override summary = 'What is recorded on this machine, and what of it waits to be sent'
  static override description =
    'Lists the recorded runs, the newest last, with what waits for MLflow and what it refused. Asks no server.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'What waits for that server, for scripts',
      command: '<%= config.bin %> <%= command.id %> --mlflow http://127.0.0.1:5000 --json',
    },
  ]
  static override flags = journalFlags

  async run(): Promise<JournalStatus[]> {
    const {flags} = await this.parse(TrackStatus)
    const {listJournals, statusOf} = await import('@abd/core/track')
    const {root, settings} = await placesOf(flags)
    const all: JournalStatus[] = []
    for (const folder of await listJournals(root)) all.push(await statusOf(folder, settings?.uri))
    if (all.length === 0) {
      this.log(`Nothing is recorded in ${printableLine(root)}.`)
      return all
    }
    this.log(
      table(
        ['STARTED', 'RUN', 'EXPERIMENT', 'STATE', 'LINES', 'WAITING', 'REFUSED'],
        all.map(({startTime, name, experiment, state, lines, waiting, refused, isChild}) => [
          new Date(startTime).toISOString().slice(0, 19).replace('T', ' '),
          `${isChild ? '  ' : ''}${name}`,
          experiment,
          state,
          ...[lines, waiting, refused].map(String),
        ]),
        [4, 5, 6],
      ),
    )
    this.log(`In ${printableLine(root)}${settings ? `, for ${settings.uri}` : '; no server is named'}.`)
    for (const {folder} of all.filter(({refused}) => refused > 0))
      this.log(`Refused, with reasons: ${printableLine(folder)}/refused.jsonl`)
    return all
  }
}
