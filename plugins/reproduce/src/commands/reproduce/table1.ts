import {
  BaseCommand,
  duration,
  eagerFlag,
  engineFlag,
  printableLine,
  runAbd,
  table,
  thisProgram,
  trackingFlags,
} from '@abd/cli'
import {shellWord} from '@abd/core'
import {Flags} from '@oclif/core'
import {basename} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import type {Reproduced} from '../../reproduce-table.ts'

export default class ReproduceTable1 extends BaseCommand {
  static override summary = 'The table of the ABD paper: does a backdoor cross, and does ABD stop it?'
  static override description = [
    'Trains a poisoned teacher for each trigger, distils students from it by each method, vanilla and with both halves of ABD,',
    'and, to compare with, from clean data; over several seeds. Writes a table in Markdown and JSON, and pictures. Every',
    'student is a cell of its own in the folder: an interrupted run goes on where it was, and a second one only adds what is',
    'missing; several at a time share the work. Each cell keeps the command that made it.',
  ].join(' ')
  static override examples = [
    {
      description: 'What would be run, and what is there already',
      command: '<%= config.bin %> <%= command.id %> --dry-run',
    },
    {
      description: 'One trigger, one method, one seed',
      command: '<%= config.bin %> <%= command.id %> --trigger badnet_grid --method ood --seeds 0',
    },
    {
      description: 'As published, on a machine with a GPU',
      command:
        '<%= config.bin %> <%= command.id %> --scale paper --dataset cifar-10-batches-bin/ --set blend.image=blend.png --set cl.adversarial=inf_16.npy',
    },
    {
      description: 'Draw the table of the cells that are there',
      command: '<%= config.bin %> <%= command.id %> --tabulate',
    },
  ]
  static override flags = {
    scale: Flags.option({
      options: ['mini', 'paper'] as const,
      default: 'mini' as const,
      helpValue: 'mini|paper',
      summary: 'Ten rendered signs and small students, hours on two cores; or as published, days on a GPU.',
    })(),
    dataset: Flags.string({
      helpValue: 'signs|PATH',
      summary: 'What teachers are trained and everything is measured on (paper: CIFAR-10, to be given).',
    }),
    trigger: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME',
      summary: "Only this one, instead of the scale's. Repeatable.",
    }),
    method: Flags.option({options: ['zskt', 'cmi', 'ood', 'clean_kd'] as const})({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'zskt|cmi|ood|clean_kd',
      summary: 'Only this one. Repeatable.',
    }),
    seeds: Flags.string({helpValue: 'a,b,…', summary: 'Of the students (default: 0,1,2).'}),
    set: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'TRIGGER.NAME=VALUE',
      summary: 'An option of a trigger, as its picture. Repeatable.',
    }),
    out: Flags.string({
      helpValue: 'DIR',
      summary: 'Folder for cells, weights, table and pictures (default: table1-SCALE).',
    }),
    tabulate: Flags.boolean({summary: 'Run nothing: only draw what is there.', exclusive: ['dry-run']}),
    'dry-run': Flags.boolean({summary: 'List the commands and what is done already, and stop.'}),
    engine: engineFlag(),
    eager: eagerFlag,
    ...trackingFlags,
  }

  async run(): Promise<Reproduced> {
    const {flags} = await this.parse(ReproduceTable1)
    const {reproduceTable} = await import('../../reproduce-table.ts')
    const registry = await this.registry()
    const program = thisProgram()
    const isRun = !flags['dry-run'] && !flags.tabulate
    const extra = [
      ...['--engine', flags.engine, ...(flags.eager ? ['--eager'] : [])],
      ...(flags.track === undefined ? [] : [flags.track ? '--track' : '--no-track']),
      ...(flags.mlflow === undefined ? [] : ['--mlflow', flags.mlflow]),
      ...(flags.experiment === undefined ? [] : ['--experiment', flags.experiment]),
    ]
    // Teachers and students are runs below the table's.
    const reproduced = await this.tracked(
      isRun ? flags : {track: false},
      {name: `table 1, ${flags.scale}`, hasFailed: ({failures}: Reproduced) => failures.length > 0},
      async (recorder, address) => {
        const table = await reproduceTable(
          {
            scale: flags.scale,
            dataset: flags.dataset,
            triggers: flags.trigger,
            methods: flags.method,
            seeds: flags.seeds,
            settings: flags.set ?? [],
            folder: flags.out ?? `table1-${flags.scale}`,
            mode: flags['dry-run'] ? 'list' : flags.tabulate ? 'tabulate' : 'run',
          },
          {
            registry,
            onJob: (name, {done, of, secondsLeft}) =>
              this.progress.note(
                `${name} (${done} of ${of} done${secondsLeft === undefined ? '' : `, about ${duration(1000 * secondsLeft)} left`})`,
              ),
            onFailure: ({name, reason}) => this.progress.note(`${name} failed: ${reason}`),
            onElsewhere: (name, heldBy) =>
              this.progress.note(
                `${name} is left to another process (${printableLine(heldBy)}); if there is none, remove cells/${name}.lock`,
              ),
            pause: () => sleep(2000, undefined, {signal: this.signal}),
            signal: this.signal,
            now: () => performance.now(),
            run: (command) =>
              runAbd([...command, ...extra], {
                program,
                signal: this.signal,
                ...(address === undefined ? {} : {environment: {ABD_TRACK_PARENT: address}}),
              }),
          },
        )
        recorder?.params({scale: flags.scale, jobs: table.jobs.length})
        for (const file of table.files) await recorder?.file(basename(file), file)
        return table
      },
    )
    this.log(this.tell(reproduced))
    if (reproduced.failures.length > 0) process.exitCode = 4
    return reproduced
  }

  private tell({jobs, texts, files, failures}: Reproduced): string {
    const done = jobs.filter((job) => job.done).length
    if (!texts)
      return [
        ...jobs.map(
          ({done, command}) =>
            `${done ? 'done ' : 'to do'}  abd ${command.map((word) => printableLine(shellWord(word))).join(' ')}`,
        ),
        `${done} of ${jobs.length} done`,
      ].join('\n')
    return [
      table(texts.head, texts.rows, texts.head.map((_, i) => i).slice(1)),
      `Accuracy / ASR in percent, mean ± deviation (seeds); ${done} of ${jobs.length} done`,
      ...failures.map(({name, reason}) => `Failed: ${printableLine(name)}: ${printableLine(reason)}`),
      `Wrote ${files.map(printableLine).join(', ')}`,
    ].join('\n')
  }
}
