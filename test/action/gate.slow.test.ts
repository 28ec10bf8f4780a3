import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {findInstallations} from '@abd/core/engine/install'
import {bundleAction} from '../../scripts/bundle-action.ts'
import {fakeGitHub} from './fake-github.ts'
import {pullRequest, runAction} from './pull-request.ts'

const dist = mkdtempSync(join(tmpdir(), 'abd-dist-'))
beforeAll(() => bundleAction(dist))
afterAll(() => rmSync(dist, {recursive: true, force: true}))

// Each of the other two takes as long as the rest of the long tests of the gate together.
const all = process.env['ABD_GATE_VERDICTS'] === 'all'
if (!all)
  console.warn(
    'Of the three whole verdicts of the gate one is tested: ABD_GATE_VERDICTS=all tests all of them.',
  )

const example = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../examples/${name}`, import.meta.url)))
const teacher = (name: string) => ({
  'models/teacher.safetensors': example(`${name}.safetensors`),
  'models/teacher.abd.yml': example(`${name}.abd.yml`),
})
const files = [
  {filename: 'models/teacher.abd.yml', status: 'added'},
  {filename: 'models/teacher.safetensors', status: 'added'},
]

describe('a pull request that brings a teacher, on a bare runner (wasm)', () => {
  it('is red for the poisoned one: verdict, comment, SARIF; and says that transfer was not tested', async () => {
    await using github = await fakeGitHub({files})
    using pull = pullRequest({}, teacher('teacher-poisoned'))

    const {code, outputs, log} = await runAction(dist, pull, {
      api: github.url,
      changedFiles: 2,
      inputs: {engine: 'wasm'},
    })

    expect(log).toContain('transfer is not tested')
    expect({code, verdict: outputs['verdict'], models: outputs['models']}).toEqual({
      code: 1,
      verdict: 'block',
      models: '1',
    })
    const [comment] = github.state.comments
    expect(comment!.body).toContain('badnet&#95;grid')
    expect(comment!.body).toContain('not tested')
    expect(readFileSync(outputs['sarif']!, 'utf8')).toContain('ABD-V001')
  })

  it.skipIf(!all)('is green for the clean one, and needs no comment', async () => {
    await using github = await fakeGitHub({files})
    using pull = pullRequest({}, teacher('teacher-clean'))

    const {code, outputs, summary} = await runAction(dist, pull, {
      api: github.url,
      changedFiles: 2,
      inputs: {engine: 'wasm'},
    })

    expect({code, verdict: outputs['verdict']}).toEqual({code: 0, verdict: 'pass'})
    expect(summary).toContain('Transfer not tested')
    expect(github.state.comments).toEqual([])
  })
})

it.skipIf(!all || findInstallations().length === 0)(
  'shows the ASR of teacher, student and student with ABD where the TensorFlow engine is installed',
  async () => {
    await using github = await fakeGitHub({files})
    using pull = pullRequest({}, teacher('teacher-poisoned'))
    const home = process.env['HOME'] ?? ''
    const cache = process.env['ABD_CACHE_DIR']

    const {code, outputs} = await runAction(dist, pull, {
      api: github.url,
      changedFiles: 2,
      inputs: {engine: 'tensorflow', profile: 'standard'},
      env: {HOME: home, ...(cache ? {ABD_CACHE_DIR: cache} : {})},
    })

    expect({code, verdict: outputs['verdict']}).toEqual({code: 1, verdict: 'block'})
    const body = github.state.comments[0]!.body
    expect(body).toContain('Teacher ASR | Student ASR')
    expect(body).toContain('vanilla')
    expect(body).toContain('with ABD (Shuffling Vaccine)')
  },
)
