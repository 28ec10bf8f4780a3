import {BaseCommand, journalFlags} from '@abd/cli'
import {Args, Flags} from '@oclif/core'

interface Verdict {
  readonly model: string
  readonly version: string
  readonly verdict: string | null
  readonly tags: Readonly<Record<string, string>>
}

export default class TrackVerdict extends BaseCommand {
  static override summary = 'What the registry says of a model version: a gate for deployments'
  static override description = [
    'Reads the tag abd.verdict of a version; nothing is audited. Exit codes: 0 for one of the verdicts that are accepted',
    '(pass, or what --accept says), 3 for another one and for none.',
  ].join(' ')
  static override examples = [
    {
      description: 'In a pipeline: go on only with a version that passed',
      command: '<%= config.bin %> <%= command.id %> models:/signs/3',
    },
    {
      description: 'Also one that somebody has to look at',
      command: '<%= config.bin %> <%= command.id %> models:/signs/latest --accept pass --accept review',
    },
  ]
  static override args = {
    model: Args.string({
      required: true,
      description: 'models:/NAME/VERSION, models:/NAME@ALIAS or models:/NAME/latest',
    }),
  }
  static override flags = {
    mlflow: journalFlags.mlflow,
    accept: Flags.option({options: ['pass', 'review', 'skipped'] as const})({
      multiple: true,
      multipleNonGreedy: true,
      default: ['pass'],
      helpValue: 'pass|review|skipped',
      summary: 'A verdict that is good enough. Repeatable.',
    }),
  }

  async run(): Promise<Verdict> {
    const {args, flags} = await this.parse(TrackVerdict)
    const {usageError} = await import('@abd/core')
    const {findVersion, openMlflow, parseModelAddress, trackingSettings} = await import('@abd/core/track')
    const address = parseModelAddress(args.model)
    const settings = trackingSettings(process.env, {uri: flags.mlflow})
    if (!address || address.kind === 'run' || address.kind === 'logged')
      throw usageError({
        code: 'E_MODEL_ADDRESS',
        message: `${args.model} is no version of a registered model.`,
        hints: ['Known: models:/NAME/VERSION, models:/NAME@ALIAS, models:/NAME/latest'],
      })
    if (!settings)
      throw usageError({
        code: 'E_TRACKING_URI',
        message: 'No MLflow server is named.',
        hints: ['Name it: --mlflow http://127.0.0.1:5000, or set MLFLOW_TRACKING_URI.'],
      })
    await using client = await openMlflow(settings, {signal: this.signal})
    const {name, version, tags} = await findVersion(address, client)
    const verdict = tags['abd.verdict'] ?? null
    this.log(`models:/${name}/${version}: ${verdict ?? 'not audited'}`)
    if (verdict === null || !(flags.accept as readonly string[]).includes(verdict)) process.exitCode = 3
    return {
      model: name,
      version,
      verdict,
      tags: Object.fromEntries(Object.entries(tags).filter(([key]) => key.startsWith('abd.'))),
    }
  }
}
