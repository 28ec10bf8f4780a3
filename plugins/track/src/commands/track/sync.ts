import {BaseCommand, journalFlags, printableLine, table} from '@abd/cli'
import type {Synced} from '@abd/core/track'
import {Flags} from '@oclif/core'
import {placesOf} from '../../places-of.ts'

export default class TrackSync extends BaseCommand {
  static override summary = 'Send recorded runs to MLflow: what is not there yet, and nothing twice'
  static override description = [
    'Every tracked run is recorded on this machine first. This command sends what a server that was away, a killed process or a',
    'machine without network left behind. Values that the server refuses for good are put aside with the reason, and the rest',
    'goes on. Exit codes: 0 all is there, 4 something is not.',
  ].join(' ')
  static override examples = [
    {
      description: 'To the server that the runs were meant for',
      command: '<%= config.bin %> <%= command.id %>',
    },
    {
      description: 'To another one, and remove what is there as a whole',
      command: '<%= config.bin %> <%= command.id %> --mlflow http://127.0.0.1:5000 --prune',
    },
  ]
  static override flags = {
    ...journalFlags,
    prune: Flags.boolean({
      summary: 'Remove the records of runs that have ended and are there as a whole.',
    }),
  }

  async run(): Promise<Synced[]> {
    const {flags} = await this.parse(TrackSync)
    const {usageError} = await import('@abd/core')
    const {syncJournals} = await import('@abd/core/track')
    const {setTimeout: sleep} = await import('node:timers/promises')
    const {root, settings, uris} = await placesOf(flags)
    if (!settings)
      throw usageError({
        code: 'E_TRACKING_URI',
        message:
          uris.length > 1
            ? `The recorded runs were meant for several servers: ${uris.join(', ')}.`
            : 'No MLflow server is named.',
        hints: ['Name it: --mlflow http://127.0.0.1:5000, or set MLFLOW_TRACKING_URI.'],
      })
    const synced = await syncJournals({root, prune: flags.prune}, settings, {
      progress: this.progress,
      signal: this.signal,
      now: () => Date.now(),
      sleep: (milliseconds) => sleep(milliseconds, undefined, {signal: this.signal}),
    })
    const isIncomplete = ({busy, problem, refused}: Synced) => busy || problem !== null || refused > 0
    const words = ({busy, problem, refused, removed}: Synced) =>
      problem ??
      (busy
        ? 'another process is at it'
        : `${refused > 0 ? `${refused} refused` : 'all there'}${removed ? ', record removed' : ''}`)
    if (synced.length === 0) this.log(`Nothing is recorded in ${printableLine(root)}.`)
    else
      this.log(
        table(
          ['RUN', 'SENT', 'MLFLOW', ''],
          synced.map((one) => [one.name, String(one.lines), one.runId ?? '–', words(one)]),
          [1],
        ),
      )
    if (synced.some(isIncomplete)) process.exitCode = 4
    return synced
  }
}
