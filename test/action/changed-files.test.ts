import nock from 'nock'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {changedFiles} from '../../action/src/events/changed-files.ts'
import {parseEvent} from '../../action/src/events/gate-event.ts'
import type {GateEvent} from '../../action/src/events/gate-event.ts'
import type {Git} from '../../action/src/events/git.ts'
import {createGitHub} from '../../action/src/events/github.ts'
import {shareOf} from '../../action/src/events/select-models.ts'

const api = 'https://api.github.com'
const notes: string[] = []
const note = (line: string) => void notes.push(line)
const github = createGitHub({token: 't', repository: 'acme/models', api, pause: 1, note})
const sha = (digit: string) => digit.repeat(40)
const event = (changedFiles: number): GateEvent => ({
  kind: 'pull_request',
  base: sha('a'),
  head: sha('b'),
  pull: {number: 7, changedFiles, fork: false},
})
const files = (count: number, from = 0) =>
  Array.from({length: count}, (_, i) => ({filename: `m${from + i}.pt`, status: 'added'}))
const page = (number: number) =>
  nock(api)
    .get('/repos/acme/models/pulls/7/files')
    .query({per_page: 100, ...(number > 1 ? {page: number} : {})})

/** Git whose base is there, or not. */
const gitWith =
  (diff: readonly string[] | Error): Git =>
  async ([command]) => {
    if (command === 'ls-files') return Buffer.from('all.pt\0README.md\0')
    if (diff instanceof Error) throw diff
    return Buffer.from(command === 'diff' ? diff.map((name) => `${name}\0`).join('') : '')
  }
const noGit = gitWith(new Error('not a git repository'))

beforeEach(() => {
  notes.length = 0
  nock.disableNetConnect()
})
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([])
  nock.cleanAll()
  nock.enableNetConnect()
})

it('reads all pages, and tells what is there from what is gone', async () => {
  page(1).reply(200, files(100), {
    link: `<${api}/repos/acme/models/pulls/7/files?per_page=100&page=2>; rel="next"`,
  })
  page(2).reply(200, [
    ...files(28, 100),
    {filename: 'gone.pt', status: 'removed'},
    {filename: 'new.yml', previous_filename: 'old.abd.yml', status: 'renamed'},
  ])

  const {paths, gone, source} = await changedFiles(event(130), {github, git: noGit})

  expect(source).toBe('api')
  expect(paths).toHaveLength(129)
  expect(gone).toEqual(['gone.pt', 'old.abd.yml'])
  expect(paths).not.toContain('gone.pt')
})

it('asks git where GitHub lists fewer than there are: it stops at 3000', async () => {
  page(1).reply(200, files(3000))

  const changed = await changedFiles(event(3001), {github, git: gitWith(['last.pt'])})

  expect(changed).toMatchObject({
    paths: ['last.pt'],
    source: 'git',
    note: 'GitHub lists 3000 of 3001 changed files',
  })
})

it('asks git where the pull request has moved on: the list is about its newest push, the check is not', async () => {
  const listed = (head: string) => [
    // Of what was removed GitHub names the commit that had it.
    {filename: 'old.pt', status: 'removed', contents_url: `${api}/x?ref=${sha('a')}`},
    {filename: 'README.md', status: 'modified', contents_url: `${api}/x?ref=${head}`},
  ]
  page(1).reply(200, listed(sha('b')))
  page(1).reply(200, listed(sha('c')))
  const git = gitWith(['poisoned.pt', 'README.md'])

  expect(await changedFiles(event(2), {github, git})).toMatchObject({source: 'api', paths: ['README.md']})
  expect(await changedFiles(event(2), {github, git})).toMatchObject({
    paths: ['poisoned.pt', 'README.md'],
    source: 'git',
    note: 'GitHub lists the files of a later push (cccccccccccc)',
  })
})

it.each([
  [403, 'Resource not accessible by integration', 1],
  [404, 'Not Found', 1],
  [429, 'Too Many Requests', 3],
  [500, 'Server Error', 3],
])('asks git on %i, after as many tries as that is worth', async (status, message, tries) => {
  page(1).times(tries).reply(status, {message})

  const changed = await changedFiles(event(1), {github, git: gitWith(['x.pt'])})

  expect(changed).toMatchObject({paths: ['x.pt'], source: 'git'})
  expect(changed.note).toContain(message)
})

it('gets over a server that stumbles', async () => {
  page(1).reply(502, {message: 'Bad Gateway'})
  page(1).reply(200, files(1))

  expect(await changedFiles(event(1), {github, git: noGit})).toMatchObject({source: 'api', paths: ['m0.pt']})
})

it.each([
  [
    'a rate limit',
    {'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.floor(Date.now() / 1000))},
  ],
  ['a secondary one', {'retry-after': '1'}],
])('waits for the end of %s', async (what, headers) => {
  const message = what === 'a rate limit' ? 'API rate limit exceeded' : 'You exceeded a secondary rate limit'
  page(1).reply(403, {message}, headers)
  page(1).reply(200, files(1))

  expect(await changedFiles(event(1), {github, git: noGit})).toMatchObject({source: 'api'})
  expect(notes).toEqual([expect.stringMatching(/rate limit: asking again in \d s\./)])
})

it('asks git where a rate limit lasts', async () => {
  const reset = String(Math.floor(Date.now() / 1000) + 3000)
  page(1).reply(
    403,
    {message: 'API rate limit exceeded'},
    {'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset},
  )

  const changed = await changedFiles(event(1), {github, git: gitWith(['x.pt'])})

  expect(changed).toMatchObject({source: 'git', note: expect.stringContaining('rate limit exceeded')})
  expect(notes).toEqual([expect.stringMatching(/ends in \d{4} s, which is not waited for/)])
})

it('takes the whole work tree where neither knows: rather too many models than too few', async () => {
  page(1).reply(403, {message: 'no'})

  const {source, paths} = await changedFiles(event(1), {github, git: noGit})

  expect({source, paths}).toEqual({source: 'work tree', paths: ['all.pt', 'README.md']})
})

it('is an error where nothing can be found out', async () => {
  const git: Git = () => Promise.reject(new Error('no git'))
  await expect(changedFiles(event(1), {github: null, git})).rejects.toMatchObject({code: 'E_CHANGED_FILES'})
})

it('shares the models out, each once', () => {
  const models = ['a', 'b', 'c', 'd', 'e']
  const shares = ['1/2', '2/2'].map((shard) => shareOf(models, shard))
  expect(shares).toEqual([
    ['a', 'c', 'e'],
    ['b', 'd'],
  ])
})

it('takes a pull request of a deleted fork for one of a fork', () => {
  const repo = {full_name: 'acme/models'}
  const of = (head: unknown) =>
    parseEvent('pull_request', {
      pull_request: {number: 1, base: {sha: sha('a'), repo}, head: {sha: sha('b'), repo: head}},
    })
  expect([of(null), of({full_name: 'mallory/models'}), of(repo)].map(({pull}) => pull!.fork)).toEqual([
    true,
    true,
    false,
  ])
})

it('counts every model on the first push of a branch', () => {
  expect(parseEvent('push', {before: sha('0'), after: sha('a')}).base).toBeNull()
})

it('refuses a payload whose commit is an option of git', () => {
  expect(() => parseEvent('push', {before: '--output=x', after: sha('a')})).toThrow(/before/)
})
