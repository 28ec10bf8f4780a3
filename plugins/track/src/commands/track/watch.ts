import {BaseCommand, journalFlags, runAbd, thisProgram} from '@abd/cli'
import type {Watched} from '@abd/core/track'
import {Flags} from '@oclif/core'

// TypeScript does not rewrite relative imports inside a function that has `await using`.
const work = () => import('../../audit-version.ts')

export default class TrackWatch extends BaseCommand {
  static override summary = 'Audit every new version in the model registry, once'
  static override description = [
    'Looks at the registry again and again, and, with --port, listens for its webhooks, so that a new version is audited within',
    'seconds and none is missed. The verdict goes to the version: tags abd.verdict and others, the alias audit-passed, and a part',
    'of the description. A version with the tag abd.verdict is done: remove the tag to have it audited again. Deliveries have to',
    'be signed with the secret in ABD_WEBHOOK_SECRET.',
  ].join(' ')
  static override examples = [
    {
      description: 'Everything that is not audited yet, and stop: for cron',
      command: '<%= config.bin %> <%= command.id %> --once',
    },
    {
      description: 'One model, looked at every minute, by the quick profile',
      command: '<%= config.bin %> <%= command.id %> --model signs --profile quick',
    },
    {
      description: 'With a receiver for webhooks (secret in ABD_WEBHOOK_SECRET), registered at the server',
      command: '<%= config.bin %> <%= command.id %> --port 8088 --register https://audit.example.org/',
    },
  ]
  static override flags = {
    mlflow: journalFlags.mlflow,
    model: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME',
      summary: 'Only versions of this one. Repeatable.',
    }),
    every: Flags.integer({
      default: 60,
      min: 1,
      helpValue: 'SECONDS',
      summary: 'From one look at the registry to the next.',
    }),
    once: Flags.boolean({summary: 'Audit what is not audited yet, and stop.', exclusive: ['port']}),
    port: Flags.integer({
      min: 0,
      max: 65_535,
      helpValue: 'N',
      summary: 'Listen for webhooks on this port (0: any free one).',
    }),
    host: Flags.string({
      default: '127.0.0.1',
      helpValue: 'ADDRESS',
      summary: 'Where to listen.',
    }),
    register: Flags.string({
      dependsOn: ['port'],
      helpValue: 'URL',
      summary: 'Register a webhook there, as the server reaches this receiver.',
    }),
    profile: Flags.option({options: ['quick', 'standard'] as const})({
      helpValue: 'quick|standard',
      summary: 'Of the audits (see: abd audit --help).',
    }),
    policy: Flags.file({helpValue: 'FILE', summary: 'Of the audits.'}),
    tries: Flags.integer({
      default: 3,
      min: 1,
      helpValue: 'N',
      summary: 'How often an audit that could not be made is tried.',
    }),
  }

  async run(): Promise<Watched> {
    const {flags} = await this.parse(TrackWatch)
    const {usageError} = await import('@abd/core')
    const {openMlflow, receiveWebhooks, trackingSettings, watchRegistry} = await import('@abd/core/track')
    const {setTimeout: pause} = await import('node:timers/promises')
    const {auditVersion} = await work()
    const settings = trackingSettings(process.env, {uri: flags.mlflow})
    if (!settings)
      throw usageError({
        code: 'E_TRACKING_URI',
        message: 'No MLflow server is named.',
        hints: ['Name it: --mlflow http://127.0.0.1:5000, or set MLFLOW_TRACKING_URI.'],
      })
    const secret = process.env['ABD_WEBHOOK_SECRET']
    if (flags.port !== undefined && !secret)
      throw usageError({
        code: 'E_WEBHOOK_SECRET',
        message:
          'A receiver needs the secret that deliveries are signed with, and ABD_WEBHOOK_SECRET is not set.',
        hints: ['Set it to the secret of the webhook in MLflow.'],
      })
    const note = (line: string) => this.progress.note(line)
    const {signal} = this
    const program = thisProgram()
    await using client = await openMlflow(settings, {
      signal,
      onRetry: ({message}, seconds) => note(`${message} Trying again in ${Math.ceil(seconds)} s.`),
    })
    const out = await temporaryFolder()
    const watch = watchRegistry(
      client,
      {models: flags.model ?? [], every: 1000 * flags.every, once: flags.once, tries: flags.tries},
      {
        audit: ({name, version}) =>
          auditVersion(
            `models:/${name}/${version}`,
            [
              ...['--mlflow', flags.mlflow ?? process.env['MLFLOW_TRACKING_URI']!, '--out', out],
              ...(flags.profile ? ['--profile', flags.profile] : []),
              ...(flags.policy === undefined ? [] : ['--policy', flags.policy]),
            ],
            // 3 is a verdict, and so is 4 where there is a report.
            (command) => runAbd(command, {program, signal, accept: [0, 3, 4]}),
          ),
        note,
        signal,
        sleep: (milliseconds, until) => pause(milliseconds, undefined, {signal: until}),
      },
    )
    const receiver =
      flags.port === undefined
        ? undefined
        : await receiveWebhooks(
            {host: flags.host, port: flags.port, secret: secret!},
            {onVersion: (version) => watch.announce(version), note, now: () => Date.now()},
          )
    try {
      if (receiver) note(`Listening for webhooks on ${flags.host}:${receiver.port}`)
      if (flags.register !== undefined) {
        const url = flags.register
        const there = (await client.listWebhooks()).some((hook) => hook.url === url)
        if (!there) await client.createWebhook({name: 'abd-watch', url, secret: secret!})
        note(there ? 'The webhook is registered already.' : 'The webhook is registered.')
      }
      const watched = await watch.run()
      signal.throwIfAborted()
      this.log(
        `Audited ${watched.audited.length} versions${watched.failed.length > 0 ? `; ${watched.failed.length} could not be` : ''}.`,
      )
      if (watched.failed.length > 0) process.exitCode = 4
      return watched
    } finally {
      await receiver?.close()
      await removeFolder(out)
    }
  }
}

const temporaryFolder = async () => {
  const {mkdtemp} = await import('node:fs/promises')
  const {tmpdir} = await import('node:os')
  const {join} = await import('node:path')
  return mkdtemp(join(tmpdir(), 'abd-watch-'))
}
const removeFolder = async (path: string) => {
  const {rm} = await import('node:fs/promises')
  await rm(path, {recursive: true, force: true})
}
