import {BaseCommand, printableLine, scanTable} from '@abd/cli'
import type {Scan as ScannedFile} from '@abd/core/scan'
import {Args, Flags} from '@oclif/core'
import {styleText} from 'node:util'

export default class Scan extends BaseCommand {
  static override summary = 'Look for what hides in model files and folders, without loading them'
  static override description = [
    'Names every function that a pickle would call, tricks in archives, hidden pickles and programs, weights that are not finite. Nothing in the files is executed: each is parsed in a process of its own that may open nothing else, and no engine is needed. The rules: docs/scan-rules.md.',
    'Exit codes: 0 nothing that the policy minds, 3 a file is blocked (with --strict: or for review), 4 a file is missing, broken or of no known format.',
  ].join('\n\n')
  static override examples = [
    '<%= config.bin %> <%= command.id %> teacher.pt',
    {description: 'Every model file below a folder', command: '<%= config.bin %> <%= command.id %> models/'},
    {
      description: 'For code scanning',
      command: '<%= config.bin %> <%= command.id %> models/ --sarif > scan.sarif',
    },
  ]
  static override strict = false
  static override args = {
    path: Args.string({required: true, description: 'Model files, or folders to look for them in.'}),
  }
  static override flags = {
    policy: Flags.string({
      helpValue: 'FILE',
      summary: 'Which severities block and which ask for a review; abd.policy.yml if it is there.',
    }),
    strict: Flags.boolean({summary: 'A file for review fails too.'}),
    sarif: Flags.boolean({summary: 'Print SARIF 2.1.0.', exclusive: ['json']}),
  }

  async run(): Promise<ScannedFile[]> {
    const {argv, flags} = await this.parse(Scan)
    const {findModelFiles, readPolicy, renderScans, scanFile} = await import('@abd/core/scan')
    const {environmentError} = await import('@abd/core')
    const {policy} = await readPolicy(flags.policy, process.cwd())
    const options = {
      policy,
      signal: this.signal,
      clock: () => performance.now() / 1000,
    }
    const paths: string[] = []
    for (const path of argv as string[]) paths.push(...(await findModelFiles(path, this.signal)))
    if (paths.length === 0)
      throw environmentError({
        code: 'E_FILE_MISSING',
        message: `There is no model file in ${(argv as string[]).join(', ')}.`,
        hints: ['Name the files themselves if they have names of their own.'],
      })
    const quiet = this.jsonEnabled() || flags.sarif
    const scans: ScannedFile[] = []
    for (const path of new Set(paths)) {
      const scan = await scanFile(path, options)
      scans.push(scan)
      if (!quiet) this.log(describe(scan))
    }
    if (flags.sarif) this.log(renderScans(scans).trimEnd())
    else if (!quiet && scans.length > 1) this.log(tally(scans))
    process.exitCode = exitCode(scans, flags.strict)
    return scans
  }
}

function exitCode(scans: readonly ScannedFile[], strict: boolean): number {
  const some = (verdict: ScannedFile['verdict']) => scans.some((scan) => scan.verdict === verdict)
  if (some('block') || (strict && some('review'))) return 3
  return some('error') ? 4 : 0
}

const signs = {
  block: [['bold', 'red'], '✖ block'],
  error: [['red'], '! error'],
  review: [['yellow'], '▲ review'],
  pass: [['green'], '✔ pass'],
} as const

function describe({verdict, model, scan, reasons, advice}: ScannedFile): string {
  const [style, sign] = signs[verdict]
  const head = `${styleText([...style], sign.padEnd(9))} ${printableLine(model.path)}${model.format === null ? '' : styleText('dim', ` (${model.format})`)}`
  const notes = (verdict === 'error' ? [...reasons, ...advice] : advice).map(
    (line) => `          ${printableLine(line)}`,
  )
  const findings =
    scan.length === 0
      ? []
      : scanTable(scan, 100)
          .split('\n')
          .map((line) => `          ${line}`)
  return [head, ...notes, ...findings].join('\n')
}

const tally = (scans: readonly ScannedFile[]) =>
  `\n${scans.length} files: ${(['block', 'error', 'review', 'pass'] as const)
    .map((verdict) => [verdict, scans.filter((scan) => scan.verdict === verdict).length] as const)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdict}`)
    .join(', ')}`
