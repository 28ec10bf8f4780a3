import nock from 'nock'
import {afterEach, beforeEach, expect, it} from 'vitest'
import type {Git} from '../../action/src/events/git.ts'
import {createGitHub} from '../../action/src/events/github.ts'
import {policyAtBase} from '../../action/src/events/policy-at-base.ts'

const api = 'https://api.github.com'
const github = createGitHub({token: 't', repository: 'acme/models', api, pause: 1, note() {}})
const base = 'a'.repeat(40)
const noGit: Git = () => Promise.reject(new Error('not a git repository'))
const asked = () => nock(api).get('/repos/acme/models/contents/abd.policy.yml').query({ref: base})
const read = () => policyAtBase('abd.policy.yml', {base}, {github, git: noGit})

beforeEach(() => nock.disableNetConnect())
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([])
  nock.cleanAll()
  nock.enableNetConnect()
})

it('comes from GitHub where the base cannot be fetched', async () => {
  asked().reply(200, 'uncalibrated: pass\n', {'content-type': 'application/vnd.github.raw; charset=utf-8'})
  expect(await read()).toMatchObject({
    policy: {uncalibrated: 'pass'},
    source: 'abd.policy.yml at aaaaaaaaaaaa',
  })
})

it('is the default where the base has none', async () => {
  asked().reply(404, {message: 'Not Found'})
  nock(api).get(`/repos/acme/models/git/commits/${base}`).reply(200, {sha: base})
  expect(await read()).toMatchObject({policy: {uncalibrated: 'review'}, source: 'defaults'})
})

it('is unknown, not the default, where the base itself is not there, or may not be read', async () => {
  asked().reply(404, {message: `No commit found for the ref ${base}`})
  nock(api).get(`/repos/acme/models/git/commits/${base}`).reply(404, {message: 'Not Found'})
  await expect(read()).rejects.toMatchObject({code: 'E_POLICY_UNKNOWN'})
})

it('is unknown, not the default, where GitHub does not say', async () => {
  asked().reply(
    403,
    {message: 'API rate limit exceeded'},
    {'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2100000000'},
  )
  await expect(read()).rejects.toMatchObject({
    code: 'E_POLICY_UNKNOWN',
    message: expect.stringContaining('rate limit'),
  })
})

it('is an error with line and column where it is not YAML', async () => {
  asked().reply(200, 'block:\n  p: [1\n', {'content-type': 'text/plain'})
  await expect(read()).rejects.toMatchObject({
    code: 'E_POLICY',
    message: expect.stringMatching(/line 3, column 1/),
  })
})

it('is no symbolic link', async () => {
  const git: Git = async ([command]) =>
    Buffer.from(command === 'ls-tree' ? `120000 blob ${'b'.repeat(40)}\tabd.policy.yml\0` : '')
  await expect(policyAtBase('abd.policy.yml', {base: null}, {github: null, git})).rejects.toMatchObject({
    code: 'E_POLICY_UNKNOWN',
  })
})
