import {execFileSync} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, it} from 'vitest'
import {checkedOut} from '../../action/src/events/checked-out.ts'
import {createGit} from '../../action/src/events/git.ts'

const folder = mkdtempSync(join(tmpdir(), 'abd-checked-out-'))
const ask = createGit(folder, {token: '', server: 'https://github.example'})
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.example', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: {PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1'},
  }).trim()
const commit = (name: string) => {
  writeFileSync(join(folder, name), name)
  git('add', name)
  git('commit', '-qm', name)
  return git('rev-parse', 'HEAD')
}
const merge = (from: string, other: string) => {
  git('checkout', '-q', '--detach', from)
  git('merge', '-q', '--no-ff', '-m', 'merge', other)
  return git('rev-parse', 'HEAD')
}

const of: Record<string, string> = {}
beforeAll(() => {
  git('init', '-q', '-b', 'main')
  of['base'] = commit('base')
  git('checkout', '-qb', 'change')
  of['head'] = commit('head')
  git('checkout', '-q', 'main')
  of['moved'] = commit('moved')
  of['merge'] = merge(of['base'], of['head'])
  of['later'] = merge(of['moved'], of['head'])
  // Not by GitHub: the head is the one that something was merged into.
  of['reversed'] = merge(of['head'], of['moved'])
})
afterAll(() => rmSync(folder, {recursive: true, force: true}))

const check = async (
  at: string,
  event: {kind: 'pull_request' | 'merge_group' | 'push'; head: string},
  sha: string,
) => {
  git('checkout', '-q', '--detach', of[at]!)
  return checkedOut(ask, {...event, head: of[event.head]!}, of[sha])
}

it.each([
  ['the merge commit of the run', 'merge', 'pull_request', 'head', 'merge'],
  ['the head of the pull request', 'head', 'pull_request', 'head', 'merge'],
  ['refs/pull/N/merge after the base has moved', 'later', 'pull_request', 'head', 'merge'],
  ['what was pushed', 'head', 'push', 'head', 'head'],
  ['the commit of an annotated tag that was pushed', 'head', 'push', 'merge', 'head'],
  ['the head of a merge queue', 'merge', 'merge_group', 'merge', 'merge'],
] as const)('audits %s', async (_, at, kind, head, sha) => {
  expect(await check(at, {kind, head}, sha)).toBe(of[at])
})

it.each([
  ['the base of a pull request', 'base', 'pull_request', 'head', 'merge'],
  ['the default branch', 'moved', 'pull_request', 'head', 'merge'],
  ['a merge into the head', 'reversed', 'pull_request', 'head', 'merge'],
  ['what was there before a push', 'base', 'push', 'head', 'head'],
  ['a merge of what was pushed', 'merge', 'push', 'head', 'head'],
  ['another commit than the merge queue’s', 'head', 'merge_group', 'merge', 'merge'],
] as const)('takes %s for an error', async (_, at, kind, head, sha) => {
  await expect(check(at, {kind, head}, sha)).rejects.toMatchObject({
    code: 'E_CHECKOUT',
    message: expect.stringContaining(of[at]!.slice(0, 12)),
    hints: expect.arrayContaining([
      expect.stringMatching(/actions\/checkout .*without path:, and without ref:/),
      expect.stringContaining('newest commit'),
    ]),
  })
})

it.each(['schedule', 'workflow_dispatch'] as const)('audits whatever is checked out on %s', async (kind) => {
  git('checkout', '-q', '--detach', of['base']!)
  expect(await checkedOut(ask, {kind, head: null}, of['head'])).toBe(of['base'])
})

it('takes a workspace without a repository for an error', async () => {
  const nowhere = createGit('/', {token: '', server: 'https://github.example'})
  await expect(checkedOut(nowhere, {kind: 'push', head: of['head']!}, of['head'])).rejects.toMatchObject({
    code: 'E_CHECKOUT',
  })
})
