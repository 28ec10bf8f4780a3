import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {bundleAction} from '../../scripts/bundle-action.ts'
import {osSystem, pickle} from '../core/modelfile/build-pickle.ts'
import {fakeGitHub} from './fake-github.ts'
import {pullRequest} from './pull-request.ts'
import {findAct, runAct} from './run-act.ts'

const dist = mkdtempSync(join(tmpdir(), 'abd-dist-'))
beforeAll(() => bundleAction(dist))
afterAll(() => rmSync(dist, {recursive: true, force: true}))

const act = findAct()
if (act === undefined)
  console.warn('Skipped: the workflow templates are not run, for neither act nor Go is there.')

const dangerous = pickle(osSystem)
const files = [{filename: 'teacher.pt', status: 'added'}]
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`
const gate = {template: 'audit-pr', event: 'pull_request'} as const

describe.skipIf(act === undefined)('the templates, run by act', () => {
  it('red for a dangerous model: comment, uploads; the second push rewrites the comment', async () => {
    await using github = await fakeGitHub({files})
    using pull = pullRequest({}, {'teacher.pt': dangerous})

    const first = await runAct(act!, dist, pull, {...gate, api: github.url})

    expect(first.jobs, first.log).toEqual([{job: 'abd audit/audit', result: 'failure'}])
    expect(first.code).toBe(1)
    expect(first.summaries).toContain('Backdoor audit: 1 block')
    expect(first.log).toContain('uploaded report.sarif')
    expect(first.log).toMatch(/uploaded abd-report-/)
    expect(github.state.comments).toHaveLength(1)

    github.state.files = []
    const second = await runAct(act!, dist, pull, {...gate, api: github.url})
    expect(github.state.comments).toHaveLength(1)
    // One file is said to have changed, and none is listed: git is asked, and finds the model.
    expect(second.code).toBe(1)
  })

  it('green where nothing is a model', async () => {
    await using github = await fakeGitHub({files: [{filename: 'README.md', status: 'modified'}]})
    using pull = pullRequest({}, {'README.md': 'y'})
    const {code, jobs} = await runAct(act!, dist, pull, {...gate, api: github.url})
    expect({code, jobs}).toEqual({code: 0, jobs: [{job: 'abd audit/audit', result: 'success'}]})
    expect(github.state.comments).toEqual([])
  })

  it('an error for a Git LFS pointer, and for a fork on a runner of the user', async () => {
    await using github = await fakeGitHub({files})
    using pull = pullRequest({}, {'teacher.pt': pointer})
    const lfs = await runAct(act!, dist, pull, {...gate, api: github.url})
    expect(lfs.summaries).toContain('Git LFS pointer')
    const fork = await runAct(act!, dist, pull, {...gate, api: github.url, fork: true})
    expect(fork.log).toContain('E_FORK')
    expect([lfs.code, fork.code]).toEqual([1, 1])
  })

  it('three models in a matrix that the action prints', async () => {
    await using github = await fakeGitHub()
    using pull = pullRequest({}, {'a.pt': dangerous, 'b.pt': dangerous, 'c.pt': dangerous})

    const {code, jobs, summaries, log} = await runAct(act!, dist, pull, {
      template: 'audit-registry',
      event: 'workflow_dispatch',
      api: github.url,
    })

    expect(code).toBe(1)
    expect(
      jobs.filter(({result}) => result === 'failure'),
      log,
    ).toHaveLength(3)
    for (const name of ['a.pt', 'b.pt', 'c.pt']) expect(summaries).toContain(`<code>${name}</code>`)
  })
})
