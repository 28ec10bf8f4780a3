import {BaseCommand, printableLine, table} from '@abd/cli'
import {Args, Flags} from '@oclif/core'
import type {State} from '@abd/core/sweep'

interface Status {
  readonly name: string
  readonly isCancelled: boolean
  readonly counts: Readonly<Record<State, number>>
  readonly jobs: readonly {
    readonly id: string
    readonly name: string
    readonly state: State
    readonly note: string
  }[]
}

/** Nobody reads more lines than these. */
const FEW = 40

export default class SweepStatus extends BaseCommand {
  static override summary = 'How far a sweep is'
  static override description = [
    'Counts jobs by their state and lists those that run, failed, were interrupted or are blocked by one that failed, with the',
    'reason.',
  ].join(' ')
  static override examples = [
    '<%= config.bin %> <%= command.id %> sweep',
    {description: 'Every job', command: '<%= config.bin %> <%= command.id %> sweep --all'},
  ]
  static override args = {folder: Args.string({required: true, description: 'Folder of the sweep'})}
  static override flags = {all: Flags.boolean({summary: 'List every job.'})}

  async run(): Promise<Status> {
    const {args, flags} = await this.parse(SweepStatus)
    const {countStates, jobStates, openSweep, readQueue, states, within} = await import('@abd/core/sweep')
    const {existsSync} = await import('node:fs')
    const sweep = await openSweep(args.folder)
    // A controller that is away hides nothing of what lies in the folder.
    const queue = await readQueue(sweep).catch((error: Error) => ({
      entries: new Map(),
      notes: [`${error.message} States are those of the folder.`],
    }))
    for (const note of queue.notes) this.progress.note(note)
    const all = await jobStates(sweep, queue.entries)
    const counts = countStates(all)
    const told = flags.all ? all : all.filter(({state}) => !['done', 'waiting', 'queued'].includes(state))
    const shown = flags.all ? told : told.slice(0, FEW)
    if (shown.length > 0)
      this.log(
        `${table(
          ['job', 'state', ''],
          shown.map(({job, state, note}) => [job.name, state, note]),
        )}\n`,
      )
    if (told.length > shown.length) this.log(`and ${told.length - shown.length} more (--all lists them)`)
    const isCancelled = existsSync(within(sweep.folder).cancelled)
    this.log(
      `${printableLine(sweep.name)}: ${states
        .filter((state) => counts[state] > 0)
        .map((state) => `${counts[state]} ${state}`)
        .join(', ')}, of ${all.length} jobs${isCancelled ? '; cancelled' : ''}`,
    )
    return {
      name: sweep.name,
      isCancelled,
      counts,
      jobs: all.map(({job, state, note}) => ({id: job.id, name: job.name, state, note})),
    }
  }
}
