import {mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {parse} from 'yaml'
import {abd, root} from './abd.ts'

const action = `acme/abd@${'0123456789'.repeat(4)}`
let cwd: string
beforeEach(() => (cwd = mkdtempSync(join(tmpdir(), 'abd-init-'))))
afterEach(() => rmSync(cwd, {recursive: true, force: true}))
const written = (name: string) => readFileSync(join(cwd, '.github/workflows', name), 'utf8')

it('writes the gate with the action that was named, and says what comes next', async () => {
  const {code, stdout} = await abd(['init', '--action', action], {cwd})

  expect(code).toBe(0)
  expect(stdout).toContain('required check')
  const text = written('abd-audit-pr.yml')
  expect(text).toContain(`uses: ${action}\n`)
  expect(text).not.toContain('OWNER')
  expect(parse(text)).toMatchObject({permissions: {}, jobs: {audit: {permissions: {contents: 'read'}}}})
})

it('says where a default branch of another name belongs, and that GitHub looks in the root alone', async () => {
  const outside = await abd(['init', '--action', action], {cwd})
  expect(outside.stdout).toContain('Name it under push')
  expect(outside.stderr).toContain('no root of a repository')

  mkdirSync(join(cwd, '.git'))
  const {code, stderr} = await abd(['init', '--action', action, '--force'], {cwd})
  expect([code, stderr]).toEqual([0, ''])
})

it('writes every workflow, each of them YAML', async () => {
  const names = readdirSync(join(root, 'workflows')).map((name) => name.replace('.yml', ''))
  const {code} = await abd(['init', ...names, '--action', action], {cwd})

  expect(code).toBe(0)
  for (const name of names) expect(parse(written(`abd-${name}.yml`)), name).toHaveProperty('jobs')
})

it.each([
  [['init'], 'E_ACTION'],
  [['init', '--action', 'acme/abd@v1'], 'E_ACTION'],
  [['init', 'audit'], 'E_WORKFLOW_UNKNOWN'],
])('refuses %j, writing nothing', async (args, code) => {
  const ran = await abd([...args, '--json'], {cwd})

  expect(ran.code).toBe(2)
  expect(JSON.parse(ran.stdout).error.code).toBe(code)
  expect(readdirSync(cwd)).toEqual([])
})

it('leaves a workflow alone that is there, unless forced', async () => {
  await abd(['init', 'warm-up'], {cwd})
  expect((await abd(['init', 'warm-up'], {cwd})).code).toBe(2)
  expect((await abd(['init', 'warm-up', '--force'], {cwd})).code).toBe(0)
})

it('leads runs through the environment: no expression stands in a script', () => {
  for (const name of readdirSync(join(root, 'workflows'))) {
    const {jobs} = parse(readFileSync(join(root, 'workflows', name), 'utf8')) as {
      jobs: Record<string, {steps: {run?: string}[]}>
    }
    for (const {steps} of Object.values(jobs))
      for (const {run = ''} of steps) expect(run, name).not.toContain('${{')
  }
})
