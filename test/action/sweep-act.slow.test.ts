import {chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {abd, root} from '../e2e/abd.ts'
import {fakeGitHub} from './fake-github.ts'
import {pullRequest} from './pull-request.ts'
import {findAct, runAct} from './run-act.ts'

const act = findAct()
if (act === undefined) console.warn('Skipped: no sweep is run by act, for neither act nor Go is there.')

/** Two teachers, and a matrix of four students. */
const plan = `version: 1
name: matrix
grid:
  trigger: [badnet_grid, sig]
  method: [ood, zskt]
jobs:
  teacher:
    exec: ["${process.execPath}", "${root}/test/fixtures/sweep/job.mjs", teacher, "{out}", "trigger={trigger}"]
    outputs: [teacher.txt]
  student:
    needs: teacher
    exec: ["${process.execPath}", "${root}/test/fixtures/sweep/job.mjs", student, "{out}", "{teacher}", "method={method}"]
`

/** A folder with `abd`. */
function programs(folder: string): string {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'abd'), `#!/bin/sh\nexec "${process.execPath}" "${root}/bin/run.js" "$@"\n`)
  chmodSync(join(bin, 'abd'), 0o755)
  return bin
}

describe.skipIf(act === undefined)('a sweep on GitHub, as act runs it', () => {
  it('prints its matrices, runs two teachers and four students, and merges the artifacts into one table', async () => {
    await using github = await fakeGitHub()
    using repository = pullRequest({'abd.sweep.yml': plan}, {'README.md': 'y'})
    const {folder, workspace} = repository

    const {code, jobs, summaries, log} = await runAct(act!, undefined, repository, {
      template: 'sweep',
      event: 'workflow_dispatch',
      api: github.url,
      inputs: {plan: 'abd.sweep.yml'},
      path: programs(folder),
    })

    expect(code, log).toBe(0)
    expect(
      jobs.map(({job, result}) => `${job.split('/').at(-1)!.trim().replace(/-\d+$/, '')} ${result}`).sort(),
    ).toEqual([
      ...Array<string>(2).fill('first success'),
      'plan success',
      ...Array<string>(4).fill('second success'),
      'table success',
    ])
    expect(readdirSync(join(folder, 'store')).sort()).toEqual([
      'abd-sweep',
      ...[0, 1].map((i) => `abd-sweep-first-${i}`),
      'abd-sweep-plan',
      ...[0, 1, 2, 3].map((i) => `abd-sweep-second-${i}`),
    ])

    // The table of a run on this machine.
    const local = await abd(['sweep', 'run', 'abd.sweep.yml', '--out', 'local'], {cwd: workspace})
    expect(local.code, local.stderr).toBe(0)
    const tableOf = (path: string) => readFileSync(join(path, 'table.md'), 'utf8')
    expect(tableOf(join(folder, 'store/abd-sweep'))).toBe(tableOf(join(workspace, 'local')))
    expect(summaries).toContain('| badnet&#95;grid |')
  })

  it('ends at once at a plan with a mistake, and says where it is', async () => {
    await using github = await fakeGitHub()
    using repository = pullRequest({'abd.sweep.yml': plan.replace('needs: teacher', 'needs: techer')}, {})

    const {code, jobs, log} = await runAct(act!, undefined, repository, {
      template: 'sweep',
      event: 'workflow_dispatch',
      api: github.url,
      inputs: {plan: 'abd.sweep.yml'},
      path: programs(repository.folder),
    })

    expect(code).not.toBe(0)
    expect(jobs.map(({job, result}) => `${job.split('/').at(-1)!.trim()} ${result}`)).toEqual([
      'plan failure',
    ])
    expect(log).toMatch(/abd\.sweep\.yml:11:\d+: jobs\.student\.needs/)
  })
})
