import {chmodSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {createGit} from '../../action/src/events/git.ts'

let folder: string
const path = process.env['PATH']
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'abd-git-'))
  // In git's place: what it is given.
  writeFileSync(join(folder, 'git'), '#!/bin/sh\nfor word; do printf "argument %s\\n" "$word"; done\nenv\n')
  chmodSync(join(folder, 'git'), 0o755)
  process.env['PATH'] = `${folder}:${path}`
  process.env['INPUT_GITHUB-TOKEN'] = 't0ken'
  process.env['ACTIONS_RUNTIME_TOKEN'] = 'a-secret-of-the-runner'
  process.env['GIT_EXTERNAL_DIFF'] = 'a-program'
})
afterEach(() => {
  process.env['PATH'] = path
  for (const name of ['INPUT_GITHUB-TOKEN', 'ACTIONS_RUNTIME_TOKEN', 'GIT_EXTERNAL_DIFF'])
    delete process.env[name]
  rmSync(folder, {recursive: true, force: true})
})

const seen = async (...args: string[]) =>
  (await createGit(folder, {token: 't0ken', server: 'https://github.example'})(args)).toString('utf8')
const basic = Buffer.from('x-access-token:t0ken').toString('base64')

it('hands git nothing of the environment but the path', async () => {
  const names = (await seen('diff'))
    .split('\n')
    .map((line) => line.split('=', 1)[0]!)
    .filter((name) => !/^(argument .*|GIT_CONFIG_(KEY|VALUE)_\d|PWD|OLDPWD|SHLVL|_|)$/.test(name))

  expect(names.sort()).toEqual([
    ...['GIT_CONFIG_COUNT', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_NOSYSTEM', 'GIT_LFS_SKIP_SMUDGE'],
    ...['GIT_TERMINAL_PROMPT', 'HOME', 'LANG', 'PATH'],
  ])
})

it('hands the token to fetches alone, for one server, and not by the command line', async () => {
  expect(await seen('diff')).not.toMatch(new RegExp(`t0ken|${basic}`))

  const fetch = await seen('fetch', 'origin')
  expect(fetch).toContain('=http.https://github.example/.extraheader\n')
  expect(fetch).toContain(`=AUTHORIZATION: basic ${basic}\n`)
  expect(fetch.split('\n').filter((line) => line.startsWith('argument'))).toEqual([
    'argument fetch',
    'argument origin',
  ])
})

it('lets the repository start no program', async () => {
  const given = await seen('diff')
  for (const setting of ['core.hooksPath', 'core.fsmonitor', 'credential.helper'])
    expect(given).toContain(`=${setting}\n`)
  expect(given).toMatch(/=\/dev\/null\n/)
})
