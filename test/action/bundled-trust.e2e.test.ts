import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {bundleAction} from '../../scripts/bundle-action.ts'
import {osSystem, pickle} from '../core/modelfile/build-pickle.ts'
import {fakeGitHub} from './fake-github.ts'
import {pullRequest, runAction} from './pull-request.ts'

const dist = mkdtempSync(join(tmpdir(), 'abd-dist-'))
beforeAll(() => bundleAction(dist))
afterAll(() => rmSync(dist, {recursive: true, force: true}))

const dangerous = pickle(osSystem)
const added = (...names: string[]) => names.map((filename) => ({filename, status: 'added'}))

describe.concurrent('what the bundled action does not take on trust', () => {
  it('says first that a fork was not audited where it was only scanned, however green', async () => {
    const example = readFileSync(new URL('../../examples/teacher-poisoned.safetensors', import.meta.url))
    await using github = await fakeGitHub({files: added('teacher.safetensors')})
    using pull = pullRequest({}, {'teacher.safetensors': example})

    const {code, outputs, log, summary} = await runAction(dist, pull, {
      ...{api: github.url, fork: true, env: {RUNNER_ENVIRONMENT: 'self-hosted'}},
      inputs: {'fork-policy': 'static-only', 'check-run': 'true'},
    })

    expect({code, verdict: outputs['verdict']}).toEqual({code: 0, verdict: 'review'})
    expect(outputs).toMatchObject({audited: '0', flagged: '1', errors: '0'})
    const first = /^# Not audited for backdoors: 1 of 1 models were only scanned\n/
    expect(summary).toMatch(first)
    expect(github.state.comments[0]!.body.replace(/^<!--.*-->\n/, '')).toMatch(first)
    expect(github.state.checks[0]).toMatchObject({
      conclusion: 'neutral',
      output: {
        title: 'Not audited for backdoors, only scanned: review',
        summary: expect.stringMatching(first),
      },
    })
    expect(log).toContain('::warning title=abd%3A not audited%2C only scanned')
    expect(log).toContain('Verdict: review, not audited for backdoors.')
  })

  it('takes a checkout of another commit than the event is about for an error', async () => {
    await using github = await fakeGitHub({files: added('teacher.pt')})
    using pull = pullRequest({}, {'teacher.pt': dangerous})
    const elsewhere = {...pull, head: 'f'.repeat(40)}

    const {code, outputs, log} = await runAction(dist, elsewhere, {api: github.url})

    expect({code, verdict: outputs['verdict']}).toEqual({code: 1, verdict: 'error'})
    expect(log).toMatch(/::error::E_CHECKOUT: .*the event is about ffffffffffff\. → Put actions\/checkout/)
  })

  it('takes no verdicts from the checkout', async () => {
    using pull = pullRequest({}, {'teacher.pt': dangerous})
    const {code, log} = await runAction(dist, pull, {inputs: {'cache-dir': 'verdicts'}})
    expect(code).toBe(1)
    expect(log).toContain('::error::E_INPUT: cache-dir lies in the checkout')
  })
})
