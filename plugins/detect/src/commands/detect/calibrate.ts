import {BaseCommand, engineFlag, table} from '@abd/cli'
import {usageError} from '@abd/core'
import {Args, Flags} from '@oclif/core'

// Out here because TypeScript does not rewrite relative imports inside a function that has `await using`.
const work = () => import('../../calibrate/calibrate.ts')

interface Calibrated {
  readonly models: number
  readonly out: string
  /** Detectors that the file knows of, and of how many of its models. */
  readonly detectors: readonly {readonly name: string; readonly version: number; readonly models: number}[]
}

export default class Calibrate extends BaseCommand {
  static override summary = 'Make a calibration: what the detectors say of clean teachers'
  static override description = [
    'Runs the detectors of a profile on every model of a folder (.safetensors, .pt, each with its card) and writes their',
    'statistics, which rank the models of later audits. Only give it models that you know to be clean. Weights and images stay where they',
    "are: the calibration holds numbers, hashes and the cards' notes. What the output file has already is kept and not run again,",
    'also where it comes from another profile; so an interrupted run goes on.',
    '\n\nquick runs known_triggers, patch_probes, pattern_probes, wave_probes, prediction_skew, shuffle_divergence, last_layer, trigger_inversion and class_agreement;',
    'standard these and maximum_margin; deep (some 20 minutes a WRN-16-1 on two cores) these, adaptive_probes, adaptive_patterns, student_transfer,',
    'universal_perturbation, freeeagle_tendency, convergence_speed, ood_shift, channel_lipschitz and batch_norm_outlier. Detectors',
    'that need images of the task have no calibration.',
    '\n\nSeveral processes, each with folder and output file of its own, share the work: --merge puts their files together.',
  ].join(' ')
  static override examples = [
    '<%= config.bin %> <%= command.id %> clean-teachers/ --out calibration.json',
    {
      description: 'A detector that is new, of teachers whose other statistics are known',
      command:
        '<%= config.bin %> <%= command.id %> clean-teachers/ --only wave_probes --out calibration.json',
    },
    {
      description: 'What two processes computed, in one file',
      command:
        '<%= config.bin %> <%= command.id %> --merge one.json --merge other.json --out calibration.json',
    },
  ]
  static override args = {
    directory: Args.string({description: 'Folder of clean teachers; may be left out with --merge'}),
  }
  static override flags = {
    profile: Flags.option({
      options: ['quick', 'standard', 'deep'] as const,
      default: 'standard' as const,
    })({
      helpValue: 'quick|standard|deep',
      summary: 'Whose detectors are run.',
    }),
    only: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      helpValue: 'NAME',
      summary:
        'Run only this detector of the profile, for example where one is new or has changed. Repeatable, or separated by commas.',
    }),
    merge: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'FILE',
      summary:
        'Another calibration, of the same versions of detectors, to take statistics from; may be repeated.',
    }),
    out: Flags.string({default: 'calibration.json', helpValue: 'FILE', summary: 'Where to write it.'}),
    id: Flags.string({
      summary: "Name of the calibration, printed in reports (default: the file's own, or own-1).",
    }),
    engine: engineFlag(),
  }

  async run(): Promise<Calibrated> {
    const {args, flags} = await this.parse(Calibrate)
    const {directory} = args
    const {profile, merge = [], out, id} = flags
    const only = (flags.only ?? []).filter((name) => name !== '')
    if (directory === undefined && merge.length === 0)
      throw usageError({
        code: 'E_NO_MODELS',
        message: 'There is neither a folder of clean teachers nor a calibration to merge.',
        hints: ['Name a folder, or calibrations with --merge FILE.'],
      })
    if (directory === undefined && only.length > 0)
      throw usageError({
        code: 'E_NO_MODELS',
        message: '--only says what is run on a folder of clean teachers, and there is none.',
        hints: ['Name a folder, or leave out --only.'],
      })
    const {calibrate} = await work()
    const registry = await this.registry()
    await using context = await this.context({engine: flags.engine, seed: 0})
    const {models, detectors} = await calibrate({directory, out, id, profile, only, merge, registry, context})
    const counted = Object.entries(detectors).map(([name, version]) => ({
      name,
      version,
      models: models.filter(({statistics}) => statistics[name] !== undefined).length,
    }))
    this.log(`${out}: ${models.length} clean models`)
    const rows = counted.map((one) => [one.name, `${one.version}`, `${one.models}`])
    this.log(table(['detector', 'version', 'models'], rows, [1, 2]))
    return {models: models.length, out, detectors: counted}
  }
}
