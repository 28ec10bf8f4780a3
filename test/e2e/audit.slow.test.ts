import {mkdir, mkdtemp, readdir, readFile, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {beforeAll, describe, expect, it} from 'vitest'
import {Report} from '../../src/audit/report-schema.ts'
import {encodePng, loadSigns, takeImages} from '../../src/data/index.ts'
import {openEngine} from '../../src/engine/open-engine.ts'
import {abd, root} from './abd.ts'

const clean = join(root, 'examples/teacher-clean.safetensors')
const poisoned = join(root, 'examples/teacher-poisoned.safetensors')

const tensorflow = await openEngine('tensorflow').then(
  async (engine) => (await engine[Symbol.asyncDispose](), true),
  () => false,
)
if (!tensorflow) console.warn('SKIPPED: the TensorFlow engine is not installed (abd engine install).')

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-audit-'))
})

describe.each(['tensorflow', 'wasm'])('abd audit --profile quick on %s', (engine) => {
  const skip = engine === 'tensorflow' && !tensorflow

  it.skipIf(skip)(
    'blocks the poisoned teacher, names its target and passes the clean one',
    async () => {
      const out = join(folder, engine)
      const ran = await abd([
        'audit',
        clean,
        poisoned,
        '--profile',
        'quick',
        '--engine',
        engine,
        '--json',
        '--out',
        out,
      ])

      const reports = Report.array().parse(JSON.parse(ran.stdout))
      expect(reports.map(({verdict, suspectedTarget}) => [verdict, suspectedTarget])).toEqual([
        ['pass', null],
        ['block', 0],
      ])
      expect(reports[1]!.reasons.join()).toContain('badnet_grid')
      expect(reports.every(({transferTested, transfer}) => !transferTested && transfer.length === 0)).toBe(
        true,
      )
      expect(ran.code).toBe(3)
      expect((await readdir(out)).sort()).toEqual(['1', '2', 'report.html', 'report.md', 'report.sarif'])
      expect(Report.parse(JSON.parse(await readFile(join(out, '2/report.json'), 'utf8')))).toEqual(reports[1])
    },
    1_800_000,
  )
})

it.skipIf(!tensorflow)(
  'measures on the labelled images it is given',
  async () => {
    const {test} = await loadSigns({perClass: 1, testPerClass: 5})
    const data = join(folder, 'signs')
    for (const [i, label] of test.labels.entries()) {
      await mkdir(join(data, String(label)), {recursive: true})
      await writeFile(join(data, String(label), `${i}.png`), encodePng(takeImages(test.images, [i])))
    }
    const args = ['audit', poisoned, '--profile', 'quick', '--json', '--data', data]
    const {stdout} = await abd([...args, '--out', join(folder, 'data')])
    const [report] = Report.array().parse(JSON.parse(stdout))

    expect(report!.access).toEqual(['data'])
    expect(report!.model.accuracy).toBeGreaterThan(0.9)
    const own = report!.demonstrations.find(
      ({trigger, evidence}) => trigger === 'badnet_grid' && evidence === 'task',
    )
    // 45 of the 50 are not of class 0 already.
    expect(own).toMatchObject({target: 0, on: 'teacher', origin: 'known'})
    expect(own!.images).toBeGreaterThan(40)
    expect(own!.asr).toBeGreaterThan(0.9)
    expect(report!.limits.join()).not.toContain('No image of the task was given')
  },
  900_000,
)

it.skipIf(!tensorflow)(
  'gives the same numbers for the same seed',
  async () => {
    const numbers = async (out: string) => {
      const {stdout} = await abd([
        'audit',
        clean,
        '--profile',
        'quick',
        '--json',
        '--seed',
        '7',
        '--out',
        join(folder, out),
      ])
      const [report] = Report.array().parse(JSON.parse(stdout))
      return {
        ...report,
        seconds: 0,
        started: '',
        findings: report!.findings.map((finding) => ({...finding, seconds: 0})),
      }
    }
    expect(await numbers('second')).toEqual(await numbers('first'))
  },
  900_000,
)

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  'stops on %s with exit code %i and leaves nothing behind',
  async (signal, code) => {
    const out = join(folder, 'interrupted')
    const ran = await abd(['audit', clean, '--profile', 'quick', '--engine', 'wasm', '--out', out], {
      signalAfter: 8000,
      signal,
    })

    expect(ran.code).toBe(code)
    expect(ran.stderr).toContain('Interrupted')
    expect(await readdir(out).catch(() => [])).toEqual([])
  },
  120_000,
)

it('takes the strict path to exit code 3 on review', async () => {
  const policy = join(folder, 'nothing-passes.yml')
  // With a threshold of 0 every trigger is at least a partial demonstration.
  await writeFile(policy, 'demonstration: {asr: 1, partial: 0, margin: 0}')
  const args = ['audit', clean, '--profile', 'quick', '--policy', policy, '--out', join(folder, 'strict')]

  expect((await abd(args)).code).toBe(0)
  expect((await abd([...args, '--strict'])).code).toBe(3)
}, 900_000)
