import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {bundleAction} from '../../scripts/bundle-action.ts'
import {osSystem, pickle} from '../core/modelfile/build-pickle.ts'
import {fakeGitHub} from './fake-github.ts'
import type {Refusal} from './fake-github.ts'
import {pullRequest, runAction} from './pull-request.ts'

const dist = mkdtempSync(join(tmpdir(), 'abd-dist-'))
beforeAll(() => bundleAction(dist))
afterAll(() => rmSync(dist, {recursive: true, force: true}))

const spent = {
  'x-ratelimit-remaining': '0',
  'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 3000),
}
const answers: [Refusal, RegExp][] = [
  [{status: 401, message: 'Bad credentials'}, /401 Bad credentials.* \(the token is not valid/],
  [
    {status: 403, message: 'Resource not accessible by integration'},
    /403 Resource not accessible by integration.* \(give the job permissions: pull-requests: write/,
  ],
  [{status: 404, message: 'Not Found'}, /404 Not Found.* \(give the job permissions: pull-requests: write/],
  [
    {status: 429, message: 'Too Many Requests'},
    /429 Too Many Requests.* \(the verdict stands; run the job again when the limit is over\)/,
  ],
  [
    {status: 500, message: 'Server Error'},
    /500 Server Error.* \(the verdict stands; run the job again later\)/,
  ],
  [
    {status: 403, message: 'API rate limit exceeded', headers: spent},
    /403 API rate limit exceeded.* \(the verdict stands; run the job again when the limit is over\)/,
  ],
]

describe.concurrent('the bundled action gives its verdict, and says what to do, where GitHub answers', () => {
  it.each(answers)('$status $message', async (answer, said) => {
    await using github = await fakeGitHub({
      refuse: new Map([
        ['/comments', answer],
        ['/files', answer],
      ]),
    })
    using pull = pullRequest({}, {'teacher.pt': pickle(osSystem)})

    const {code, outputs, log, summary} = await runAction(dist, pull, {api: github.url})

    expect({code, verdict: outputs['verdict'], models: outputs['models']}).toEqual({
      code: 1,
      verdict: 'block',
      models: '1',
    })
    expect(summary).toContain('Backdoor audit: 1 block')
    expect(log).toContain(`GitHub does not list the changed files (${answer.message}`)
    expect(log).toContain('asked git instead')
    const warnings = log.split('\n').filter((line) => line.startsWith('::warning'))
    expect(warnings).toEqual([expect.stringMatching(said)])
    expect(warnings[0]).toMatch(/^::warning title=abd::The comment failed: /)
  })
})
