import {BaseCommand} from '@abd/cli'
import {Args, Flags} from '@oclif/core'

const workflows = [
  'audit-pr',
  'audit-matrix',
  'audit-registry',
  'audit-reusable',
  'distill',
  'sweep',
  'warm-up',
] as const
const PLACEHOLDER = 'OWNER/abd@0000000000000000000000000000000000000000 # set by abd init'

export default class Init extends BaseCommand {
  static override summary =
    'Write workflows for GitHub Actions: the gate for pull requests, audits of all models, …'
  static override description = [
    'audit-pr audits what a pull request changes and can be a required check; audit-matrix does so on several runners side',
    'by side; audit-registry audits every model of the repository once a week; audit-reusable is for other repositories to call; distill, sweep and warm-up run on GPU',
    'runners of yours. A file that is there already is left alone, unless --force.',
  ].join(' ')
  static override examples = [
    {
      description: 'The gate for pull requests',
      command: `<%= config.bin %> <%= command.id %> --action acme/abd@${'0123456789'.repeat(4)}`,
    },
    {
      description: 'The engine on a GPU runner, before pull requests need it',
      command: '<%= config.bin %> <%= command.id %> warm-up',
    },
  ]
  static override strict = false
  static override args = {
    workflow: Args.string({description: `Which ones: ${workflows.join(', ')} (default: audit-pr).`}),
  }
  static override flags = {
    action: Flags.string({
      helpValue: 'OWNER/REPO@COMMIT',
      summary: 'Where the action is, pinned by its commit of 40 digits; the audits need it.',
    }),
    directory: Flags.string({default: '.', helpValue: 'DIR', summary: 'Root of the repository.'}),
    force: Flags.boolean({summary: 'Overwrite workflows that are there.'}),
  }

  async run(): Promise<{written: string[]}> {
    const {argv, flags} = await this.parse(Init)
    const {usageError} = await import('@abd/core')
    const {outputError} = await import('@abd/core/report')
    const {writeAtomic} = await import('@abd/core/modelfile')
    const {existsSync} = await import('node:fs')
    const {mkdir, readFile} = await import('node:fs/promises')
    const {join} = await import('node:path')

    const names = argv.length > 0 ? (argv as string[]) : ['audit-pr']
    const unknown = names.find((name) => !(workflows as readonly string[]).includes(name))
    if (unknown !== undefined)
      throw usageError({
        code: 'E_WORKFLOW_UNKNOWN',
        message: `There is no workflow '${unknown}'.`,
        hints: [`Known: ${workflows.join(', ')}.`],
      })
    if (flags.action !== undefined && !/^[\w.-]+\/[\w.-]+@[0-9a-f]{40}$/.test(flags.action))
      throw usageError({
        code: 'E_ACTION',
        message: `'${flags.action}' is not a repository with a whole commit, as in acme/abd@${'0123456789'.repeat(4)}.`,
        hints: [
          'A tag can be moved to other code; a commit cannot: git rev-parse v1.0.0^{commit}',
          'OWNER/REPO is where this repository lies on GitHub for you; a checkout of it says its commit: git rev-parse HEAD',
        ],
      })
    const folder = join(flags.directory, '.github', 'workflows')
    const files = await Promise.all(
      names.map(async (name) => {
        const template = await readFile(join(this.config.root, 'workflows', `${name}.yml`), 'utf8')
        const path = join(folder, `abd-${name}.yml`)
        if (template.includes(PLACEHOLDER) && flags.action === undefined)
          throw usageError({
            code: 'E_ACTION',
            message: `The workflow '${name}' needs to know where the action is.`,
            hints: ['Give it, pinned by its commit: --action OWNER/REPO@COMMIT'],
          })
        if (existsSync(path) && !flags.force)
          throw usageError({
            code: 'E_EXISTS',
            message: `${path} is there already.`,
            hints: ['Overwrite it with --force.'],
          })
        return {path, text: template.replaceAll(PLACEHOLDER, flags.action ?? '')}
      }),
    )
    try {
      await mkdir(folder, {recursive: true})
      for (const {path, text} of files) await writeAtomic(path, [text])
    } catch (error) {
      throw outputError(error, folder)
    }
    for (const {path} of files) this.log(path)
    if (names.includes('audit-pr') || names.includes('audit-matrix'))
      this.log('Next: commit it, open a pull request, then make "audit" a required check (Settings → Rules).')
    if (names.includes('audit-pr'))
      this.log(
        'Is your default branch not called main? Name it under push: there, verdicts are kept for all.',
      )
    if (!existsSync(join(flags.directory, '.git')))
      this.warn(
        `${flags.directory} is no root of a repository: GitHub looks for workflows there alone (--directory).`,
      )
    return {written: files.map(({path}) => path)}
  }
}
