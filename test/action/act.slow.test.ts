import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {bundleAction} from '../../scripts/bundle-action.ts'
import {osSystem, pickle} from '../core/modelfile/build-pickle.ts'
import {fakeGitHub} from './fake-github.ts'
import {pullRequest} from './pull-request.ts'
import {findAct, runAct} from './run-act.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
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

  it('one verdict and one comment for a matrix; the second push rewrites it', async () => {
    const names = ['a.pt', 'b.pt', 'c.pt']
    await using github = await fakeGitHub({files: names.map((filename) => ({filename, status: 'added'}))})
    using pull = pullRequest({}, Object.fromEntries(names.map((name) => [name, dangerous])))
    const matrix = {template: 'audit-matrix', event: 'pull_request', api: github.url}

    const {code, jobs, log} = await runAct(act!, dist, pull, {...matrix, changedFiles: 3})

    expect(code).toBe(1)
    const of = (result: string) => jobs.filter((one) => one.result === result).length
    // The list and three parts; what is red is the job that puts them together.
    expect([of('success'), of('failure')], log).toEqual([4, 1])
    expect(log).toContain('downloaded 3')
    expect(github.state.comments).toHaveLength(1)
    for (const name of names) expect(github.state.comments[0]!.body).toContain(`<code>${name}</code>`)

    github.state.files = []
    const second = await runAct(act!, dist, pull, {...matrix, changedFiles: 0})
    expect(second.code).toBe(0)
    expect(github.state.comments).toHaveLength(1)
    expect(github.state.comments[0]!.body).toContain('no models')
  })

  it('a verdict that the default branch left in the cache', async () => {
    await using github = await fakeGitHub({files})
    using pull = pullRequest({}, {'teacher.pt': dangerous})

    const push = await runAct(act!, dist, pull, {...gate, event: 'push', api: github.url})
    expect(push.log).toContain('saved')
    const {code, log} = await runAct(act!, dist, pull, {...gate, api: github.url})

    expect(log).toContain('known from an earlier run')
    expect(log).not.toContain('saved')
    expect(code).toBe(1)
  })

  it('the reusable one, called by another workflow, hands its verdict on', async () => {
    await using github = await fakeGitHub({files})
    using pull = pullRequest({}, {'teacher.pt': dangerous})
    const caller = `name: caller
on: {pull_request: {}}
permissions: {}
jobs:
  models:
    permissions: {contents: read, pull-requests: write}
    uses: ./.github/workflows/audit-reusable.yml
    with: {fail-on: never}
  after:
    needs: models
    runs-on: ubuntu-24.04
    steps:
      - run: echo "handed on $VERDICT"
        env: {VERDICT: '\${{ needs.models.outputs.verdict }}'}
`
    const {code, log} = await runAct(act!, dist, pull, {
      ...{template: 'audit-reusable', event: 'pull_request', api: github.url, caller},
    })
    expect(log).toContain('handed on block')
    expect(code).toBe(0)
  })
})

/**
 * The templates for runners of one's own call `abd`. This one is the real program, with its commands' own checks; what takes
 * a GPU is asked for as a dry run, and the files that it would have written are put in place.
 */
function abdInBrief(folder: string): {readonly bin: string; readonly calls: () => string[]} {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const example = join(root, 'examples/teacher-clean.safetensors')
  const script = `#!/bin/sh
echo "$*" >>"${folder}/calls"
abd() { "${process.execPath}" "${root}bin/run.js" "$@"; }
out() { while [ $# -gt 0 ]; do [ "$1" != --out ] || { echo "$2"; return; }; shift; done; }
case "$1 $2" in
  'engine '*) abd "$@" ;;
  'attack train') cd /tmp && abd "$1" "$2" --help | grep -q -- --trigger && cd - >/dev/null && cp "${example}" "$(out "$@")" ;;
  'distill run' | 'defend run') abd "$@" --dry-run && cp "${example}" "$(out "$@")" ;;
  'audit '*) test -f "$2" && mkdir -p "$(out "$@")" && echo '{}' >"$(out "$@")/report.json" ;;
  *) exit 2 ;;
esac
`
  writeFileSync(join(bin, 'abd'), script, {mode: 0o755})
  return {bin, calls: () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n')}
}

describe.skipIf(act === undefined)('the templates for runners of one’s own, run by act', () => {
  const byHand = {event: 'workflow_dispatch', api: 'http://127.0.0.1:9'}

  it('warm-up sees to the engine', async () => {
    using pull = pullRequest({}, {})
    const {bin, calls} = abdInBrief(pull.folder)
    const {code, jobs, log} = await runAct(act!, dist, pull, {...byHand, template: 'warm-up', path: bin})
    expect(jobs, log).toEqual([{job: 'abd warm-up/warm-up', result: 'success'}])
    expect(code).toBe(0)
    expect(calls()).toEqual(['engine install', 'engine doctor'])
  })

  it('distill distils from the teacher that was asked for, and never runs its name', async () => {
    using pull = pullRequest(
      {},
      {'models/$(touch pwned).safetensors': readFileSync(join(root, 'examples/teacher-clean.safetensors'))},
    )
    const {bin, calls} = abdInBrief(pull.folder)
    const inputs = {teacher: 'models/$(touch pwned).safetensors', distiller: 'ood'}
    const {code, jobs, log} = await runAct(act!, dist, pull, {
      ...{...byHand, template: 'distill', path: bin, inputs},
    })
    expect(jobs, log).toEqual([{job: 'abd distill/distill', result: 'success'}])
    expect(code).toBe(0)
    expect(calls()[0]).toMatch(
      /^defend run \.\/models\/\$\(touch pwned\)\.safetensors --distiller ood --out /,
    )
    expect(calls()[1]).toMatch(/^audit \S+student\.safetensors --out /)
    expect(log).toMatch(/uploaded student\.safetensors/)
  })
})
