import {BaseCommand, engineFlag, printableLine, runAbd, seedFlag, table, thisProgram} from '@abd/cli'
import {usageError} from '@abd/core'
import {Args, Flags} from '@oclif/core'
import type {Benched} from '../../bench/run-bench.ts'

export default class Bench extends BaseCommand {
  static override summary = 'How well audits tell the models of a folder apart, clean from poisoned'
  static override description = [
    'Audits every model of a folder (and the folders in it) that has a sidecar: beside NAME.pt a NAME.json that says what it',
    'is, {"attack": "clean"} or {"attack": "badnet_grid", "target": 0}; "mean", "std", "arch" and "dataset" may be there, too,',
    'and "asr" (a fraction) and "adaptive": true, by which attacks that are harder to find are counted apart.',
    'Prints AUROC with its interval, cross-entropy, Brier score, poisoned models found at 5 % false positives, false',
    'blocks and targets named, per kind of attack, attack and architecture. Audits are kept: an interrupted run goes on, a',
    'second one only audits what is new. Do not measure on models that a calibration was made with.',
    '\n\nSeveral machines, each with a folder of its own, share the work: --merge counts what they found as well.',
  ].join(' ')
  static override examples = [
    '<%= config.bin %> <%= command.id %> zoo/',
    '<%= config.bin %> <%= command.id %> zoo/ --profile standard --jobs 2 --out bench-standard',
    {
      description: 'What two machines found, in one table',
      command:
        '<%= config.bin %> <%= command.id %> --merge one/bench.json --merge other/bench.json --out bench-both',
    },
    {
      description: 'A probability for each model, as the TrojAI challenges take it',
      command: '<%= config.bin %> <%= command.id %> zoo/ --format trojai > trojai.csv',
    },
  ]
  static override args = {
    directory: Args.string({description: 'Folder of models with sidecars; may be left out with --merge'}),
  }
  static override flags = {
    profile: Flags.option({options: ['quick', 'standard', 'deep'] as const, default: 'quick' as const})({
      helpValue: 'quick|standard|deep',
      summary: 'Of the audits.',
    }),
    jobs: Flags.integer({
      char: 'j',
      default: 1,
      min: 1,
      max: 64,
      helpValue: 'N',
      summary: 'Audits at a time, each in a process of its own.',
    }),
    guess: Flags.boolean({
      summary: 'Do not tell an audit the mean and standard deviation of the sidecar: it guesses them.',
    }),
    calibration: Flags.string({
      helpValue: 'FILE',
      summary: 'Clean models to rank among, as made by abd detect calibrate (default: the shipped ones).',
    }),
    merge: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'FILE',
      summary:
        'bench.json of another run with the same flags, calibration and abd, whose models count as well; of a model that several have the first counts. May be repeated.',
    }),
    format: Flags.option({options: ['table', 'trojai'] as const, default: 'table' as const})({
      helpValue: 'table|trojai',
      summary: 'What is printed: figures, or one line NAME,PROBABILITY a model.',
    }),
    engine: engineFlag(),
    seed: seedFlag,
    out: Flags.string({
      helpValue: 'DIR',
      summary:
        'Folder for bench.html, bench.json, trojai.csv and the audits (default: bench-PROFILE; bench-merged without a folder of models).',
    }),
  }

  async run(): Promise<Benched> {
    const {args, flags} = await this.parse(Bench)
    const {merge = []} = flags
    if (args.directory === undefined && merge.length === 0)
      throw usageError({
        code: 'E_NO_MODELS',
        message: 'There is neither a folder of models nor a bench to merge.',
        hints: ['Name a folder, or bench.json files with --merge FILE.'],
      })
    const {runBench} = await import('../../bench/run-bench.ts')
    const {benchSentences, benchTexts, detectorTexts} = await import('../../bench/bench-texts.ts')
    const {trojai} = await import('../../bench/run-bench.ts')
    if (flags.calibration !== undefined) {
      const {readCalibration} = await import('@abd/core/audit')
      await readCalibration(flags.calibration)
    }
    const program = thisProgram()
    const bench = await runBench(args.directory, {
      settings: {
        profile: flags.profile,
        seed: flags.seed,
        engine: flags.engine,
        calibration: flags.calibration,
        normalisation: flags.guess ? 'guess' : 'sidecar',
      },
      folder: flags.out ?? (args.directory === undefined ? 'bench-merged' : `bench-${flags.profile}`),
      merge,
      jobs: flags.jobs,
      version: this.config.version,
      progress: this.progress,
      signal: this.signal,
      // Review and block (0 and 3), and what cannot be audited (4), are results.
      run: (command) => runAbd(command, {program, signal: this.signal, accept: [0, 3, 4], quiet: true}),
    })
    if (bench.unknown.length > 0)
      this.progress.note(
        `Left out, without a sidecar: ${bench.unknown.length} (${printableLine(bench.unknown[0]!)}${bench.unknown.length > 1 ? ', …' : ''})`,
      )
    if (bench.merged > 0)
      this.progress.note(`From other benches: ${bench.merged} of ${bench.models.length} models.`)
    for (const sentence of bench.contradicted) this.progress.note(printableLine(sentence))
    if (flags.format === 'trojai')
      for (const one of bench.models) this.log(printableLine(trojai([one]).trimEnd()))
    else {
      for (const {head, rows} of [benchTexts(bench.summary), detectorTexts(bench.summary)])
        if (rows.length > 0) this.log(`${table(head, rows, head.map((_, i) => i).slice(1))}\n`)
      for (const sentence of benchSentences(bench.summary)) this.log(sentence)
      this.log(`Wrote ${bench.files.map(printableLine).join(', ')}`)
    }
    return bench
  }
}
