// What `npm run demo` runs once everything is installed: one audit of the two example teachers, whose transfer test
// distils the students. An audit that blocks ends with exit code 3; here that is what should happen.
import {spawn} from 'node:child_process'
import {readFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'

const root = new URL('..', import.meta.url)
const out = 'demo-report'
const teachers = [
  {file: 'examples/teacher-clean.safetensors', expected: 'pass', target: null},
  {file: 'examples/teacher-poisoned.pt', expected: 'block', target: 0},
]

console.log(`Two teachers of ten traffic signs, one of them poisoned (badnet_grid, target class 0). Which?\n`)
const code = await new Promise((resolve, reject) => {
  const child = spawn(
    process.execPath,
    ['bin/run.js', 'audit', ...teachers.map(({file}) => file), '--out', out, ...process.argv.slice(2)],
    {
      cwd: fileURLToPath(root),
      stdio: 'inherit',
    },
  )
  // Ctrl-C reaches the child from the terminal; this process waits for it to end in order.
  process.on('SIGINT', () => {})
  child.on('error', reject)
  child.on('exit', (status, signal) => resolve(signal ? 130 : status))
})
if (code !== 0 && code !== 3) process.exit(code ?? 1)

const percent = (share) => (share === undefined ? '–' : `${(100 * share).toFixed(0)} %`)
const rows = []
let failed = false
for (const [i, {file, expected, target}] of teachers.entries()) {
  const report = JSON.parse(await readFile(new URL(`${out}/${i + 1}/report.json`, root), 'utf8'))
  // The trigger that crosses most, or the strongest on the teacher where none does.
  const [best] = report.transfer
    .filter(({defence}) => defence === null)
    .sort((a, b) => b.teacherAsr + b.studentAsr - a.teacherAsr - a.studentAsr)
  const defended = report.transfer.find((one) => one.defence !== null && one.trigger === best?.trigger)
  rows.push([
    file,
    report.verdict,
    best?.trigger ?? '–',
    percent(best?.teacherAsr),
    percent(best?.studentAsr),
    percent(defended?.studentAsr),
    `${Math.round(report.seconds)} s`,
  ])
  const right = report.verdict === expected && report.suspectedTarget === target
  failed ||= !right
  if (!right)
    console.error(
      `${file}: expected ${expected}${target === null ? '' : ` with target ${target}`}, got ${report.verdict} with target ${report.suspectedTarget}.`,
    )
}
const {table} = await import('@abd/cli')
const head = ['TEACHER', 'VERDICT', 'TRIGGER', 'TEACHER ASR', 'STUDENT ASR', 'WITH ABD', 'TIME']
console.log(`\n${table(head, rows, [3, 4, 5, 6])}`)
if (failed) process.exit(1)
console.log(
  `\nThe clean teacher passes, the poisoned one is blocked and its target named. Open ${out}/report.html to see why.`,
)
