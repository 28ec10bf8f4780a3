import {BaseCommand} from '@abd/cli'
import {Args, Flags} from '@oclif/core'
import {join} from 'node:path'

const formats = ['text', 'html', 'markdown', 'sarif', 'json'] as const

export default class Report extends BaseCommand {
  static override summary = 'Render a stored report again'

  static override description = [
    'Reads the report.json of an earlier audit and writes it as text, a web page, Markdown, SARIF or JSON.',
    'Nothing is audited again, so the exit code is 0 whatever the verdict was.',
  ].join(' ')

  static override examples = [
    {
      description: 'The last audit, in the terminal',
      command: '<%= config.bin %> <%= command.id %> abd-report',
    },
    {
      description: 'As a page to send to somebody',
      command: '<%= config.bin %> <%= command.id %> abd-report --format html --out audit.html',
    },
    {
      description: 'For a job summary on GitHub',
      command:
        '<%= config.bin %> <%= command.id %> abd-report/report.json --format markdown >> "$GITHUB_STEP_SUMMARY"',
    },
  ]

  static override args = {
    path: Args.string({required: true, description: 'A report.json, or the folder that abd audit wrote.'}),
  }

  static override flags = {
    format: Flags.option({
      options: formats,
      default: 'text' as const,
      summary: 'What to write.',
    })(),
    out: Flags.string({helpValue: 'FILE', summary: 'Write to this file instead of standard output.'}),
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(Report)
    const {usageError} = await import('@abd/core')
    const {readReports, render, writeRendered} = await import('@abd/core/report')
    if (this.jsonEnabled() && (flags.out !== undefined || flags.format !== 'text'))
      throw usageError({
        code: 'E_USAGE',
        message: '--json prints the stored report, and takes neither --format nor --out.',
        hints: ['Leave --json out: --format json --out FILE writes it.'],
      })
    const reports = await readReports(args.path)
    if (this.jsonEnabled()) return reports
    if (flags.out !== undefined) await keepStored(flags.out, args.path)
    const terminal = flags.out === undefined && process.stdout.isTTY
    const text = render(reports, flags.format, {
      colour: terminal && process.stdout.hasColors(),
      width: terminal ? process.stdout.columns : 100,
    })
    if (flags.out === undefined) process.stdout.write(text)
    else await writeRendered(flags.out, text)
    return undefined
  }
}

/** The rendering replaces no report that it is made from. Throws E_OUT_IN_USE. */
async function keepStored(out: string, stored: string): Promise<void> {
  const {isSameFile, usageError} = await import('@abd/core')
  if (!(await isSameFile(out, stored)) && !(await isSameFile(out, join(stored, 'report.json')))) return
  throw usageError({
    code: 'E_OUT_IN_USE',
    message: `--out ${out} is the stored report itself.`,
    hints: ['Choose another name with --out.'],
  })
}
