import {mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {auditInChild} from '../../action/src/audit/audit-in-child.ts'
import {findSandbox} from '../../action/src/audit/sandbox.ts'
import {Policy} from '@abd/core/audit'

const program = fileURLToPath(new URL('look-around.mjs', import.meta.url))
const request = {
  engine: 'wasm',
  staticOnly: false,
  policy: Policy.parse({}),
  policySource: 'defaults',
  seed: 0,
} as const

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'abd-isolation-'))
  writeFileSync(join(folder, 'm.pt'), 'look')
})
afterEach(() => rmSync(folder, {recursive: true, force: true}))

const audit = async (path: string, timeLimit = 60) =>
  auditInChild(path, request, {
    workspace: folder,
    scratch: join(folder, 'scratch'),
    program,
    programFolder: dirname(program),
    engineFolder: null,
    sandbox: await findSandbox('auto'),
    most: 1000,
    timeLimit,
    now: () => new Date(0),
  })

it('shows a child none of the secrets, files, programs and, where namespaces are allowed, networks of the runner', async (test) => {
  process.env['INPUT_GITHUB-TOKEN'] = 'secret'
  process.env['GITHUB_ENV'] = '/tmp/env'
  try {
    const {reasons} = await audit('m.pt')
    const seen = JSON.parse(reasons[0]!) as Record<string, unknown>
    expect(seen).toMatchObject({
      environment: ['ABD_CACHE_DIR', 'ABD_ISOLATION', 'HOME', 'LANG', 'NO_COLOR', 'PATH', 'TMPDIR'],
      readOutside: 'ERR_ACCESS_DENIED',
      writeOutside: 'ERR_ACCESS_DENIED',
      spawn: 'ERR_ACCESS_DENIED',
      model: 'look',
    })
    if ((await findSandbox('auto')).wrapper.includes('unshare')) expect(seen['interfaces']).toEqual([])
    else await test.annotate('this machine allows no namespaces: the network is not tested')
  } finally {
    delete process.env['INPUT_GITHUB-TOKEN']
    delete process.env['GITHUB_ENV']
  }
})

it('ends a child that takes too long, and leaves nothing behind', async () => {
  writeFileSync(join(folder, 'm.pt'), 'hang')
  const report = await audit('m.pt', 1)
  expect(report).toMatchObject({verdict: 'error', reasons: [expect.stringContaining('longer than 1 s')]})
  expect(readdirSync(folder)).toEqual(['m.pt'])
})

it.each([
  ['die', /SIGKILL/],
  ['lie', /invalid|Invalid/],
])('makes an error of a child that would %s', async (what, reason) => {
  writeFileSync(join(folder, 'm.pt'), what)
  const report = await audit('m.pt')
  expect(report.verdict).toBe('error')
  expect(report.reasons[0]).toMatch(reason)
})

it('audits nothing outside the workspace, and nothing too large', async () => {
  writeFileSync(join(folder, 'large.pt'), 'x'.repeat(1001))
  for (const [path, reason] of [
    ['../../etc/passwd', /outside/],
    ['/etc/passwd', /outside/],
    ['large.pt', /1001 bytes/],
    ['.', /outside|regular/],
  ] as const) {
    const report = await audit(path)
    expect(report.verdict, path).toBe('error')
    expect(report.reasons[0], path).toMatch(reason)
  }
})
