import {execFileSync, spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {within} from '../../src/sweep/sweep-folder.ts'
import {startFakeMlflow} from '../fixtures/track/fake-mlflow.ts'
import {abd, root} from './abd.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'abd-sweep-e2e-'))
})
afterAll(() => rmSync(folder, {recursive: true, force: true}))

const job = `"${process.execPath}", "${root}/test/fixtures/sweep/job.mjs"`
/** Two teachers, four students. */
const plan = (name: string, {student = '', extra = ''} = {}) => `version: 1
name: ${name}
grid:
  trigger: [badnet_grid, sig]
  method: [ood, zskt]
seeds: [0]
jobs:
  teacher:
    exec: [${job}, teacher, "{out}", "trigger={trigger}"]
    outputs: [teacher.txt]
  student:
    needs: teacher
    exec: [${job}, student, "{out}", "{teacher}", "method={method}", "seed={seed}"${student}]
${extra}`

const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return name
}
const sweep = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  abd(['sweep', ...words], {cwd: folder, env: {ABD_TRACK_DIR: join(folder, 'track'), ...env}})

describe('abd sweep plan', () => {
  const commands = (teacher: string) => `version: 1
grid: {trigger: [sig, blend]}
jobs:
  teacher:
    abd: ${teacher}
`
  const good = 'attack train --trigger {trigger} --target 0 --out {out}/t.safetensors'

  it('lists jobs of a plan', async () => {
    const {code, stdout} = await sweep(['plan', write('good.yml', commands(good)), '--json'])
    expect(code).toBe(0)
    const {name, jobs} = JSON.parse(stdout)
    expect(name).toBe('good')
    expect(jobs.map((one: {name: string}) => one.name)).toEqual(['teacher-sig', 'teacher-blend'])
    expect(jobs[0].command.slice(0, 5)).toEqual(['abd', 'attack', 'train', '--trigger', 'sig'])
  })

  it('finds nothing wrong with the example', async () => {
    const {code, stdout} = await sweep(['plan', join(root, 'examples/sweep.yml')])
    expect(code).toBe(0)
    // Two triggers, two methods, two defences, three seeds.
    expect(stdout).toMatch(/26 jobs: 2 teacher, 24 student\n$/)
  })

  it.each([
    [
      '--trigger {trigger}',
      '--triger {trigger}',
      'abd attack train has no flag --triger, did you mean --trigger?',
    ],
    ['attack train', 'attack trian', 'there is no command abd attack trian, did you mean abd attack train?'],
    [' --out {out}/t.safetensors', '', 'abd attack train needs --out with a file in {out}'],
    ['--target 0', '--profile tiny', 'abd attack train: --profile is one of'],
    ['attack train --trigger {trigger} --target 0', 'distill run', 'abd distill run needs TEACHER'],
    ['{trigger}', '{triger}', '{triger} is no parameter and no job that is needed, did you mean {trigger}?'],
  ])('%s → %s: says what is wrong, and where', async (text, replacement, message) => {
    const path = write('bad.yml', commands(good.replace(text, replacement)))
    const {code, stdout} = await sweep(['plan', path, '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'E_PLAN',
      message: expect.stringContaining(`bad.yml:5:10: jobs.teacher.abd: ${message}`) as string,
    })
  })

  it('says so where there is no plan', async () => {
    const {code, stderr} = await sweep(['plan', 'nowhere.yml'])
    expect(code).toBe(2)
    expect(stderr).toContain('The plan nowhere.yml cannot be read: ENOENT.')
  })
})

describe('abd sweep run', () => {
  it('runs, tells and tabulates; the second time there is nothing to do', async () => {
    const path = write('first.yml', plan('first'))
    const {code, stdout} = await sweep(['run', path])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^trigger +ood +zskt\nbadnet_grid +[\d.]+ \/ [\d.]+/)
    expect(stdout).toContain('6 of 6 jobs are done, 6 of them now')
    expect((await sweep(['run', path])).stdout).toContain('6 of 6 jobs are done, 0 of them now')
    expect((await sweep(['status', 'first'])).stdout).toBe('first: 6 done, of 6 jobs\n')
    expect(JSON.parse((await sweep(['table', 'first', '--json'])).stdout).tables[0]).toMatchObject({
      done: 4,
      of: 4,
    })
  })

  it('goes on after Ctrl-C', async () => {
    const path = write('stopped.yml', plan('stopped', {student: ', sleep=60000'}))
    const stopped = await abd(['sweep', 'run', path], {cwd: folder, signalAfter: 6000})
    expect(stopped.code).toBe(130)
    const {stdout} = await sweep(['status', 'stopped', '--json'])
    const {counts} = JSON.parse(stdout)
    expect(counts.running).toBe(0)
    expect(counts.done + counts.interrupted + counts.waiting).toBe(6)
    expect(readdirSync(within(join(folder, 'stopped')).locks)).toEqual([])
  })

  it('tells what is missing to a job, and goes on with the others', async () => {
    const path = write(
      'missing.yml',
      plan('missing', {
        extra: `  lost:
    abd: [distill, run, nowhere.safetensors, --method, ood, --seed, "{seed}", --out, "{out}/x.safetensors"]
`,
      }),
    )
    const {code, stdout} = await sweep(['run', path])
    expect(code).toBe(4)
    expect(stdout).toContain('6 of 7 jobs are done, 6 of them now')
    expect(stdout).toMatch(/Failed: lost-0: .*nowhere\.safetensors/)
    expect((await sweep(['status', 'missing'])).stdout).toMatch(/lost-0 +failed +.*nowhere\.safetensors/)
  })

  const canMount = spawnSync('sh', [
    '-c',
    'd=$(mktemp -d) && mount -t tmpfs -o size=64k tmpfs "$d" && umount "$d" && rmdir "$d"',
  ])
  if (canMount.status !== 0)
    console.warn('SKIPPED: the full-disk test needs the right to mount a small tmpfs.')

  it.skipIf(canMount.status !== 0)('a full disk in one job: the others go on, nothing is lost', async () => {
    const path = write('full.yml', plan('full', {student: ', megabytes=1'}))
    const {jobs} = JSON.parse((await sweep(['plan', path, '--json'])).stdout)
    const one = jobs.find(({name}: {name: string}) => name === 'student-sig-ood-0')
    const own = within(join(folder, 'full')).job(one)
    mkdirSync(own, {recursive: true})
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', own])
    try {
      const {code, stdout} = await sweep(['run', path])
      expect(code).toBe(4)
      expect(stdout).toContain('5 of 6 jobs are done, 5 of them now')
      expect(stdout).toMatch(/Failed: student-sig-ood-0: .*(ENOSPC|no space left)/i)
    } finally {
      execFileSync('umount', [own])
    }
    expect((await sweep(['resume', 'full'])).stdout).toContain('6 of 6 jobs are done, 1 of them now')
  })
})

async function until(isSo: () => boolean) {
  while (!isSo()) await sleep(50)
}

describe('a sweep in MLflow', () => {
  interface Run {
    info: {run_id: string; run_name: string; status: string}
    data: {tags: {key: string; value: string}[]; metrics: {key: string; value: number}[]}
  }
  async function runsAt(uri: string) {
    const call = async (path: string, body: unknown) =>
      (await fetch(`${uri}/api/2.0/mlflow/${path}`, {method: 'POST', body: JSON.stringify(body)})).json()
    const found = async (filter: string): Promise<Run[]> =>
      ((await call('runs/search', {experiment_ids: ['1'], filter})) as {runs: Run[]}).runs
    const {uid} = JSON.parse(readFileSync(join(folder, 'tracked/sweep.json'), 'utf8'))
    const parents = await found(`tags."abd.uid" = '${uid}'`)
    const children = await found(`tags."mlflow.parentRunId" = '${parents[0]?.info.run_id}'`)
    return {parents, children, names: children.map(({info}) => info.run_name).sort()}
  }

  it('is one run, and a child for each job, from any node; a server that dies in the middle loses nothing', async () => {
    const path = write('tracked.yml', plan('tracked'))
    const first = await startFakeMlflow()
    try {
      // One job on another node, before the rest: its run waits for the sweep's.
      await sweep(['run', path, '--executor', 'github', '--no-track'])
      const on = {MLFLOW_TRACKING_URI: first.uri}
      const ran = await sweep(['run', path, '--executor', 'local'], on)
      expect(ran.code, ran.stderr).toBe(0)
      const {parents, names} = await runsAt(first.uri)
      expect(parents.map(({info}) => [info.run_name, info.status])).toEqual([['sweep tracked', 'FINISHED']])
      expect(names).toEqual([
        ...[
          'student-badnet_grid-ood-0',
          'student-badnet_grid-zskt-0',
          'student-sig-ood-0',
          'student-sig-zskt-0',
        ],
        ...['teacher-badnet_grid', 'teacher-sig'],
      ])
      const artifacts = first.calls.filter((call) => /artifacts\/(table|scatter|heatmap)\./.test(call))
      expect(artifacts.map((call) => call.split('/').at(-1)).sort()).toEqual(
        expect.arrayContaining(['heatmap.svg', 'scatter.svg', 'table.html', 'table.md']),
      )

      // The plan grows; another node runs one of the new jobs.
      write('tracked.yml', plan('tracked').replace('seeds: [0]', 'seeds: [0, 1]'))
      await sweep(['run', path, '--executor', 'github', '--no-track'])
      expect(
        (await sweep(['job', 'tracked', 'student-sig-ood-1'], {...on, ABD_TRACK_DIR: join(folder, 'node')}))
          .code,
      ).toBe(0)
      const grown = await runsAt(first.uri)
      expect(grown.parents).toHaveLength(1)
      expect(grown.names).toHaveLength(7)
      const child = grown.children.find(({info}) => info.run_name === 'student-sig-ood-1')!
      expect(child.data.metrics.map(({key}) => key)).toEqual(expect.arrayContaining(['accuracy', 'asr']))
      // The server dies while the rest runs.
      const running = sweep(['resume', 'tracked'], {...on, MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0'})
      await until(() => readdirSync(within(join(folder, 'tracked')).results).length > 7)
      await first.stop()
      const alone = await running
      expect(alone.code, alone.stderr).toBe(0)
      expect(alone.stdout).toContain('10 of 10 jobs are done, 3 of them now')
      expect(alone.stderr).toContain('abd track sync sends it')
    } finally {
      await first.stop().catch(() => undefined)
    }

    const second = await startFakeMlflow()
    try {
      const sent = await abd(['track', 'sync', '--mlflow', second.uri], {
        cwd: folder,
        env: {ABD_TRACK_DIR: join(folder, 'track')},
      })
      expect(sent.code, sent.stderr).toBe(0)
      const {parents, names} = await runsAt(second.uri)
      expect(parents).toHaveLength(1)
      // All but the one that another node keeps.
      expect(names).toHaveLength(9)
    } finally {
      await second.stop()
    }
  })
})
