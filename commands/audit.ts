import {BaseCommand, eagerFlag, engineFlag, explain, seedFlag, trackingFlags} from '@abd/cli'
import {Args, Flags} from '@oclif/core'
import {basename} from 'node:path'
import type {Report} from '@abd/core/audit'
import type {FetchedModel} from '@abd/core/track'

type Source = Pick<FetchedModel, 'file' | 'label' | 'target'> & AsyncDisposable

/** What a report's plan tells of the user's words, beside engine, profile and seed. */
const askedFlags = [
  ...(['arch', 'key', 'input', 'classes', 'images', 'data'] as const),
  ...(['trigger', 'set', 'budget', 'calibration', 'strict'] as const),
]

const track = () => import('@abd/core/track')

export default class Audit extends BaseCommand {
  static override summary =
    'Audit teachers for backdoors: is the file safe, does the model obey a trigger, does it hand one on?'
  static override description = [
    [
      'Reads each model file without executing anything in it, looks for signs of a backdoor, and (profile standard) distils',
      'small students from it, with and without the Shuffling Vaccine, to see whether a backdoor transfers.',
    ].join(' '),
    [
      'Verdicts: pass, review, block, error. Exit codes: 0 pass (or review), 2 wrong usage, 3 block (with --strict also review),',
      '4 a file could not be audited. A pass is not a proof: the report says what cannot be excluded.',
    ].join(' '),
  ].join('\n\n')
  static override examples = [
    {
      description: 'Audit one teacher; the report goes to abd-report/',
      command: '<%= config.bin %> <%= command.id %> teacher.pt',
    },
    {
      description: 'In a minute: no student is distilled',
      command: '<%= config.bin %> <%= command.id %> teacher.safetensors --profile quick',
    },
    {
      description: 'Say how the teacher wants its input, and measure accuracy on your data',
      command:
        '<%= config.bin %> <%= command.id %> teacher.pt --mean 0.4914,0.4822,0.4465 --std 0.2023,0.1994,0.2010 --data test-images/',
    },
    {
      description: 'Try a trigger you fear',
      command:
        '<%= config.bin %> <%= command.id %> teacher.pt --trigger badnet_grid:0 --trigger sticker.png,mask.png:7',
    },
    {
      description: 'One with options: a picture of yours, blended in',
      command:
        '<%= config.bin %> <%= command.id %> teacher.pt --trigger blend:0 --set blend.image=kitten.png',
    },
    {
      description: 'A version in the MLflow registry, which then shows the verdict',
      command: '<%= config.bin %> <%= command.id %> models:/signs/3 --mlflow http://127.0.0.1:5000',
    },
    {
      description: 'Ask more detectors than the profile has',
      command:
        '<%= config.bin %> <%= command.id %> teacher.pt --detectors trigger_inversion,freeeagle_tendency',
    },
    {description: 'For scripts', command: '<%= config.bin %> <%= command.id %> models/*.pt --json --strict'},
  ]
  static override strict = false
  static override args = {
    file: Args.string({
      required: true,
      description:
        'Model files: PyTorch, safetensors, ONNX, Keras or TensorFlow.js; or models:/NAME/VERSION, runs:/RUN_ID/PATH in MLflow',
    }),
  }
  static override flags = {
    arch: Flags.string({
      helpValue: 'NAME',
      summary: 'Architecture, where names and shapes leave it open (wrn-16-1, resnet-20, i-bau-vgg, …).',
    }),
    key: Flags.string({
      helpValue: 'NAME',
      summary: 'Entry of a checkpoint dictionary that holds the weights.',
    }),
    input: Flags.string({helpValue: 'HxWxC', summary: 'Size of the images, as in 32x32x3.'}),
    classes: Flags.integer({
      min: 2,
      helpValue: 'N',
      summary: 'Number of classes, to check the file against.',
    }),
    mean: Flags.string({
      helpValue: 'a,b,c',
      dependsOn: ['std'],
      summary: 'Subtracted from pixel / 255, one number a channel.',
    }),
    std: Flags.string({helpValue: 'a,b,c', dependsOn: ['mean'], summary: 'Divided by after that.'}),
    images: Flags.string({helpValue: 'DIR', summary: 'Unlabelled images of the task.'}),
    data: Flags.string({
      helpValue: 'PATH',
      summary: 'Labelled data: a folder per class, an idx pair, CIFAR binary batches, or npz.',
    }),
    trigger: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'T',
      summary: 'A trigger you fear: NAME:TARGET or image.png[,mask.png]:TARGET. Repeatable.',
    }),
    set: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      dependsOn: ['trigger'],
      helpValue: 'TRIGGER.NAME=VALUE',
      summary: 'An option of a trigger you fear. Repeatable.',
    }),
    profile: Flags.option({options: ['quick', 'standard', 'deep'] as const, exclusive: ['budget']})({
      helpValue: 'quick|standard|deep',
      summary:
        'quick: probes and inverted triggers (on wasm without the latter); standard: also margins and the transfer test (default where the engine can train); deep: also detectors without a calibration.',
    }),
    budget: Flags.string({
      helpValue: 'TIME',
      summary:
        'Choose the largest profile that will be done in time, as in 90s, 5m: for each model, by how fast this machine is.',
    }),
    detectors: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      helpValue: 'NAME,…',
      summary:
        "Detectors to run beside the profile's (abd methods detector). Without a calibration they are shown, not ranked.",
    }),
    calibration: Flags.string({
      helpValue: 'FILE',
      summary:
        'Clean models to rank this one among, as made by abd detect calibrate (default: the shipped ones).',
    }),
    policy: Flags.file({
      helpValue: 'FILE',
      summary: 'Policy (default: abd.policy.yml in this folder, else the built-in one).',
    }),
    strict: Flags.boolean({summary: 'Exit with 3 on review, too.'}),
    engine: engineFlag(),
    eager: eagerFlag,
    seed: seedFlag,
    out: Flags.string({
      helpValue: 'DIR',
      default: 'abd-report',
      summary: 'Folder for report.html, report.json, report.md and report.sarif.',
    }),
    ...trackingFlags,
    'write-back': Flags.boolean({
      allowNo: true,
      default: true,
      summary: "Write the verdict to the model's version (or run) in MLflow: tags, alias, description.",
      helpGroup: 'TRACKING',
    }),
  }

  async run(): Promise<Report[]> {
    const {argv, flags} = await this.parse(Audit)
    const files = argv as string[]
    const {
      auditFile,
      checkInput,
      choosePlan,
      optionsByTrigger,
      parseDuration,
      parseNumbers,
      parseShape,
      parseTrigger,
      readPolicy,
      readCalibration,
      withDetectors,
    } = await import('@abd/core/audit')
    const {renderText, writeReports, checkWritable} = await import('@abd/core/report')

    // Everything the user said is checked before anything is computed.
    const {policy, source} = await readPolicy(flags.policy, '.')
    const normalisation =
      flags.mean !== undefined && flags.std !== undefined ? parseNumbers(flags.mean, flags.std) : undefined
    const budget = flags.budget === undefined ? undefined : parseDuration(flags.budget)
    const input = flags.input !== undefined ? parseShape(flags.input) : undefined
    for (const flag of ['images', 'data'] as const)
      if (flags[flag] !== undefined) checkInput(`--${flag}`, flags[flag])
    const registry = await this.registry()
    const detectors = (flags.detectors ?? []).map((name) => registry.get('detector', name.trim()).name)
    const named = (flags.trigger ?? []).map((text) => text.replace(/:\d+$/, ''))
    const ofTriggers = optionsByTrigger(flags.set ?? [], named, registry)
    const calibration = await readCalibration(flags.calibration)
    await checkWritable(flags.out)

    return this.tracked(
      flags,
      {
        name: `audit: ${files.length === 1 ? shortName(files[0]!) : `${files.length} files`}`,
        hasFailed: (audited: readonly Report[]) => audited.some(({verdict}) => verdict === 'error'),
      },
      async (recorder) => {
        const sources: Source[] = []
        await using _fetched = allOf(sources)
        for (const name of files) sources.push(await this.source(name, flags))
        await using context = await this.context(flags, recorder)
        const triggers = (flags.trigger ?? []).map((text) =>
          parseTrigger(text, registry, context, ofTriggers),
        )
        const {plan: chosen, note} = choosePlan(
          context.engine.name,
          // What a budget allows is known once the network is: of all plans quick is the one to begin with.
          budget === undefined ? (flags.profile ? {profile: flags.profile} : {}) : {profile: 'quick'},
        )
        const plan = withDetectors(chosen, detectors)
        if (note) context.progress.note(note)
        if (flags.arch !== undefined) {
          const {checkArchitectureName} = await import('@abd/core/nn')
          checkArchitectureName(flags.arch)
        }

        const asked = Object.fromEntries(
          askedFlags
            .map((name) => [name, flags[name]] as const)
            .filter(([, value]) => value !== undefined && value !== false),
        )
        const reports: Report[] = []
        for (const {file, label, target} of sources) {
          if (files.length > 1) context.progress.note(`${label} (${reports.length + 1} of ${files.length})`)
          const child = files.length > 1 ? recorder?.child(shortName(label)) : undefined
          const kept = child ?? recorder
          const audited = await auditFile(
            file,
            {
              plan,
              ...(budget === undefined ? {} : {budget}),
              policy,
              policySource: source,
              seed: flags.seed,
              amongOthers: files.length > 1,
              asked,
              triggers,
              ...(flags.arch === undefined ? {} : {architecture: flags.arch}),
              ...(flags.key === undefined ? {} : {key: flags.key}),
              ...(input === undefined ? {} : {input}),
              ...(flags.classes === undefined ? {} : {classes: flags.classes}),
              ...(normalisation === undefined ? {} : {normalisation}),
              ...(flags.images === undefined ? {} : {images: flags.images}),
              ...(flags.data === undefined ? {} : {data: flags.data}),
            },
            {
              context: {...context, ...(kept ? {recorder: kept} : {})},
              registry,
              calibration,
              now: () => new Date(),
              clock: () => performance.now() / 1000,
            },
          )
          const report = {...audited, model: {...audited.model, path: label}}
          reports.push(report)
          if (kept) {
            const {recordAudit} = await import('@abd/core/report')
            const {verdictOf} = await track()
            recordAudit(kept, report)
            if (target && flags['write-back']) kept.verdict(verdictOf(report, target))
          }
          child?.end(report.verdict === 'error' ? 'FAILED' : 'FINISHED')
        }
        const width = process.stdout.columns ?? 100
        this.log(renderText(reports, {colour: process.stdout.hasColors?.() ?? false, width}))
        const code = exitCode(reports, flags.strict)
        process.exitCode = code
        try {
          const page = (await writeReports(flags.out, reports)).find((path) => path.endsWith('.html'))
          if (page) this.log(`Report: ${page}`)
        } catch (error) {
          // The verdict is known, and a full disk must not hide a block.
          if (code !== 3) throw error
          process.stderr.write(explain(error, {command: 'audit', interrupted: false}))
        }
        return reports
      },
    )
  }

  /** A file, or what an address in MLflow leads to, fetched. */
  private async source(name: string, flags: {readonly mlflow?: string | undefined}): Promise<Source> {
    if (!/^(models|runs):\//.test(name))
      return {file: name, label: name, target: undefined, [Symbol.asyncDispose]: () => Promise.resolve()}
    const {fetchModel, openMlflow, parseModelAddress, trackingSettings} = await track()
    const address = parseModelAddress(name)!
    const settings = trackingSettings(process.env, {uri: flags.mlflow})
    if (!settings) {
      const {usageError} = await import('@abd/core')
      throw usageError({
        code: 'E_TRACKING_URI',
        message: `${name} lies in MLflow, and no server is named.`,
        hints: ['Name it: --mlflow http://127.0.0.1:5000, or set MLFLOW_TRACKING_URI.'],
      })
    }
    const client = await openMlflow(settings, {
      signal: this.signal,
      onRetry: ({message}, seconds) =>
        this.progress.note(`${message} Trying again in ${Math.ceil(seconds)} s.`),
    })
    try {
      this.progress.note(`Fetching ${name}`)
      return await fetchModel(address, client)
    } finally {
      await client[Symbol.asyncDispose]()
    }
  }
}

/** What has been gathered until then is disposed of; Node 22 has no AsyncDisposableStack. */
const allOf = (gathered: readonly AsyncDisposable[]): AsyncDisposable => ({
  async [Symbol.asyncDispose]() {
    for (const one of gathered) await one[Symbol.asyncDispose]()
  },
})

/** Several files: 3 before 4 before 0. */
function exitCode(reports: readonly Report[], strict: boolean): number {
  const has = (verdict: Report['verdict']) => reports.some((report) => report.verdict === verdict)
  if (has('block') || (strict && has('review'))) return 3
  if (has('error')) return 4
  return 0
}

/** Of a file its name; of a model in MLflow its whole address, which ends in a mere number. */
const shortName = (file: string): string => (/^(models|runs):/.test(file) ? file : basename(file))
