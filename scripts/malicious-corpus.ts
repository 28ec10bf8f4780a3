// Scans the malicious corpus with abd, and with --compare with picklescan and modelscan too, and prints a table:
//   node scripts/malicious-corpus.ts [--folder DIR] [--compare] [--write]
// --write puts the table into docs/security.md. The files are fetched or put together; none is committed.
import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'
import {Policy} from '../src/audit/policy.ts'
import {scanFile} from '../src/scan/scan-file.ts'
import {assembled, type Expected} from './corpus/assembled.ts'
import {fetchPublished, published} from './corpus/published.ts'

interface Row {
  readonly name: string
  readonly path: string
  readonly expected: Expected
}

const scanners = {picklescan: 'picklescan==1.0.5', modelscan: 'modelscan==0.8.8'} as const
type Scanner = keyof typeof scanners

function corpus(folder: string): Row[] {
  const made = assembled.map(({name, bytes, expected}) => {
    const path = join(folder, 'assembled', name)
    mkdirSync(dirname(path), {recursive: true})
    writeFileSync(path, bytes)
    return {name: `assembled/${name}`, path, expected}
  })
  return [...published(fetchPublished(folder)), ...made]
}

/** `pass` and `review` are both accepted; a safe file should be passed. */
const fits = (expected: Expected, verdict: string) =>
  expected === 'accept' ? verdict === 'pass' : verdict === expected

function others(folder: string, scanner: Scanner, rows: readonly Row[]): Map<string, string> {
  const environment = join(folder, `venv-${scanner}`)
  const python = join(environment, 'bin', 'python')
  if (!existsSync(python)) {
    execFileSync('python3', ['-m', 'venv', environment])
    execFileSync(
      python,
      [
        '-m',
        'pip',
        'install',
        '-q',
        '--disable-pip-version-check',
        scanners[scanner],
        ...(scanner === 'modelscan' ? ['h5py'] : []),
      ],
      {stdio: 'inherit'},
    )
  }
  const script = fileURLToPath(new URL('corpus/other_scanners.py', import.meta.url))
  const output = execFileSync(python, [script, scanner], {
    input: rows.map(({path}) => path).join('\n'),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  return new Map(
    output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as [string, string]),
  )
}

const {values} = parseArgs({
  options: {folder: {type: 'string'}, compare: {type: 'boolean'}, write: {type: 'boolean'}},
})
const folder = values.folder ?? join(tmpdir(), 'abd-malicious-corpus')
const rows = corpus(folder)
const policy = Policy.parse({})
const verdicts = new Map<string, {verdict: string; rules: string}>()
for (const {path} of rows) {
  const {verdict, scan} = await scanFile(path, {policy, clock: () => performance.now() / 1000})
  const rules = [...new Set(scan.map(({rule}) => rule))].slice(0, 4).join(' ')
  verdicts.set(path, {verdict, rules})
}
const compared = values.compare
  ? (Object.keys(scanners) as Scanner[]).map((scanner) => [scanner, others(folder, scanner, rows)] as const)
  : []

const mark = (expected: Expected, verdict: string) => (fits(expected, verdict) ? verdict : `**${verdict}**`)
const lines = rows.map(({name, path, expected}) => {
  const {verdict, rules} = verdicts.get(path)!
  const cells = [
    `\`${name}\``,
    expected,
    mark(expected, verdict),
    rules,
    ...compared.map(([, said]) => mark(expected, said.get(path) ?? 'nothing')),
  ]
  return `| ${cells.join(' | ')} |`
})
const count = (says: (row: Row) => string, expected: Expected) => {
  const of = rows.filter((row) => row.expected === expected)
  return `${of.filter((row) => fits(expected, says(row))).length} of ${of.length}`
}
const summary = (['block', 'error', 'accept'] as const).map((expected) => {
  const cells = [
    {block: 'dangerous files blocked', error: 'broken files refused', accept: 'harmless files accepted'}[
      expected
    ],
    count(({path}) => verdicts.get(path)!.verdict, expected),
    ...compared.map(([, said]) => count(({path}) => said.get(path) ?? '', expected)),
  ]
  return `| ${cells.join(' | ')} |`
})
const head = (cells: readonly string[]) => [`| ${cells.join(' | ')} |`, `|${' --- |'.repeat(cells.length)}`]
const names = compared.map(([scanner]) => scanners[scanner].replace('==', ' '))
const table = [
  ...head(['', 'abd', ...names]),
  ...summary,
  '',
  ...head(['file', 'expected', 'abd', 'rules', ...names]),
  ...lines,
].join('\n')

if (values.write) {
  const document = fileURLToPath(new URL('../docs/security.md', import.meta.url))
  const text = readFileSync(document, 'utf8')
  const [before] = text.split('<!-- table -->')
  const [, after] = text.split('<!-- end of table -->')
  writeFileSync(document, `${before}<!-- table -->\n\n${table}\n\n<!-- end of table -->${after}`)
} else process.stdout.write(`${table}\n`)
const wrong = rows.filter(({path, expected}) => !fits(expected, verdicts.get(path)!.verdict))
for (const {name, expected, path} of wrong)
  process.stderr.write(`${name}: expected ${expected}, not ${verdicts.get(path)!.verdict}\n`)
process.exitCode = wrong.length === 0 ? 0 : 1
