import {spawnSync} from 'node:child_process'
import {cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {auditInChild} from '../../action/src/audit/audit-in-child.ts'
import {noCache} from '../../action/src/audit/audit-cache.ts'
import {findSandbox} from '../../action/src/audit/sandbox.ts'
import type {Sandbox} from '../../action/src/audit/sandbox.ts'
import {runnerHome} from '../../action/src/runner-home.ts'
import {Policy} from '@abd/core/audit'
import type {Report} from '@abd/core/audit'
import {sha256OfFile} from '@abd/core/modelfile'
import {fixtures} from '../fixtures/reports/index.ts'

const program = fileURLToPath(new URL('look-around.mjs', import.meta.url))
const request = {
  engine: 'wasm',
  staticOnly: false,
  policy: Policy.parse({}),
  policySource: 'defaults',
  seed: 0,
} as const

/** What a child does is asked for by the name of its model, a safetensors file without tensors. */
function write(what: string, metadata: Readonly<Record<string, string>> = {}) {
  const header = Buffer.from(JSON.stringify({__metadata__: metadata}))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  writeFileSync(join(folder, `${what}.safetensors`), Buffer.concat([length, header]))
}
const surroundings = () => ({covered: [folder], temp: tmpdir(), sudo: false})

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'abd-isolation-'))
  write('look')
})
afterEach(() => rmSync(folder, {recursive: true, force: true}))

const audit = async (
  path: string,
  limits: {timeLimit?: number; memoryLimit?: number; most?: number; sandbox?: Sandbox} = {},
) =>
  (
    await auditInChild(path, request, {
      workspace: folder,
      scratch: join(folder, 'scratch'),
      program,
      programFolder: dirname(program),
      engineFolder: null,
      sandbox: await findSandbox('auto', surroundings()),
      most: 1000,
      timeLimit: 60,
      memoryLimit: 2 ** 31,
      ...limits,
      cache: noCache,
      signal: new AbortController().signal,
      note() {},
      now: () => new Date(0),
    })
  ).report

it('shows a child none of the secrets, files, programs and, where namespaces are allowed, networks of the runner', async (test) => {
  process.env['INPUT_GITHUB-TOKEN'] = 'secret'
  process.env['GITHUB_ENV'] = '/tmp/env'
  try {
    const {reasons} = await audit('look.safetensors')
    const seen = JSON.parse(reasons[0]!) as Record<string, unknown>
    expect(seen).toMatchObject({
      environment: ['ABD_CACHE_DIR', 'ABD_ISOLATION', 'HOME', 'LANG', 'NO_COLOR', 'PATH', 'TMPDIR'],
      readOutside: 'ERR_ACCESS_DENIED',
      writeOutside: 'ERR_ACCESS_DENIED',
      spawn: 'ERR_ACCESS_DENIED',
      worker: 'ERR_ACCESS_DENIED',
      addon: 'ERR_DLOPEN_DISABLED',
      parent: 'ERR_ACCESS_DENIED',
    })
    const {words} = await findSandbox('auto', surroundings())
    if (words.includes('without a network')) expect(seen['interfaces']).toEqual([])
    else await test.annotate('this machine allows no namespaces: the network is not tested')
  } finally {
    delete process.env['INPUT_GITHUB-TOKEN']
    delete process.env['GITHUB_ENV']
  }
})

it('believes no report about other bytes than were copied, and names the bytes in one about these', async () => {
  const swap = async (sha256: string | null, verdict: Report['verdict'] = 'pass') => {
    const report = {...fixtures.pass, verdict, model: {...fixtures.pass.model, sha256}}
    write('swap', {report: JSON.stringify(report)})
    return audit('swap.safetensors', {most: 10e6})
  }
  expect(await swap('a'.repeat(64))).toMatchObject({
    verdict: 'error',
    reasons: [expect.stringContaining('other bytes')],
  })
  expect(await swap(null)).toMatchObject({verdict: 'error'})
  const {model, reasons} = await swap(null, 'error')
  expect(reasons).toEqual(fixtures.pass.reasons)
  expect(model.sha256).toBe(await sha256OfFile(join(folder, 'swap.safetensors')))
})

it.each([
  ['of the workspace, and audits what was there', '', 'pass'],
  ['of the copy, and takes it for an error', 'scratch/model', 'error'],
] as const)('sees an exchange between the parse and the read: %s', async (_, below, verdict) => {
  const holding = (note: string) =>
    write('swap', {
      report: JSON.stringify({...fixtures.pass, model: {...fixtures.pass.model, sha256: 'as read'}}),
      note,
    })
  holding('first')
  const parsed = await sha256OfFile(join(folder, 'swap.safetensors'))
  const sandbox = await findSandbox('auto', surroundings())
  let children = 0
  // Asked for the words before the second child's command, when the first has ended.
  const wrap: Sandbox['wrap'] = (seen, limits) => {
    if (++children === 2) {
      holding('other')
      const exchanged = join(folder, below, 'swap.safetensors')
      if (below !== '') {
        rmSync(exchanged)
        cpSync(join(folder, 'swap.safetensors'), exchanged)
      }
    }
    return sandbox.wrap(seen, limits)
  }

  const report = await audit('swap.safetensors', {most: 10e6, sandbox: {...sandbox, wrap}})

  expect(children).toBe(2)
  expect(await sha256OfFile(join(folder, 'swap.safetensors'))).not.toBe(parsed)
  expect(report.verdict).toBe(verdict)
  if (verdict === 'pass') expect(report.model.sha256).toBe(parsed)
  else expect(report.reasons).toEqual([expect.stringContaining('other bytes than were copied')])
})

it('audits nothing that an earlier job left in place of the copy', async () => {
  mkdirSync(join(folder, 'scratch/model'), {recursive: true})
  writeFileSync(join(folder, 'scratch/model/look.safetensors'), 'left over')
  const {verdict, reasons} = await audit('look.safetensors')
  expect(verdict).toBe('error')
  expect(reasons[0]).toContain('EEXIST')
  // And nothing of it is there for the next.
  expect(readdirSync(folder)).toEqual(['look.safetensors'])
})

it('covers the files and processes of the runner, even for code that Node does not hold', async (test) => {
  const secret = join(folder, 'secret')
  writeFileSync(secret, 'SECRET')
  const [own, shown] = ['own', 'shown'].map((name) => join(folder, name))
  for (const path of [own!, shown!]) mkdirSync(path)
  const sandbox = await findSandbox('auto', surroundings())
  if (!sandbox.words.includes('neither')) return test.skip('this machine allows no mount namespaces')
  const script = `
    cat ${secret} && exit 1; touch ${shown}/x && exit 2; touch ${own}/x || exit 3
    grep -q NoNewPrivs:.1 /proc/self/status || exit 4; grep CapEff:.0*$ /proc/self/status || exit 5
    ls -d /proc/[0-9]* | wc -l`
  const wrapper = sandbox.wrap({writable: [own!], readable: [shown!]})
  const {stdout, status} = spawnSync(wrapper[0]!, [...wrapper.slice(1), 'sh', '-c', script], {
    encoding: 'utf8',
    cwd: own,
  })
  expect(status).toBe(0)
  // The shell, ls, wc: not one of the runner's.
  expect(Number(stdout.trim().split('\n').at(-1))).toBeLessThan(5)
})

it('covers the folder of the runner’s own program, wherever it lies', async (test) => {
  const runner = join(folder, 'opt/actions-runner')
  const [node, work] = [join(runner, 'externals/node24/bin/node'), join(runner, '_work/_temp')]
  for (const path of [dirname(node), work, join(runner, '_diag')]) mkdirSync(path, {recursive: true})
  const secrets = ['.credentials', '.credentials_rsaparams', '.runner', '_diag/Worker.log']
  for (const name of secrets) writeFileSync(join(runner, name), 'SECRET')
  writeFileSync(join(work, 'model'), 'MODEL')
  // Both ways lead there: what the runner has started, and where it lets the job work.
  const covered = await runnerHome([node])
  expect(covered).toEqual([runner])
  expect(await runnerHome([work, undefined, 'relative'])).toEqual([runner])
  expect(await runnerHome([join(folder, 'x/y')])).toEqual([])

  const sandbox = await findSandbox('auto', {covered, temp: tmpdir(), sudo: false})
  if (!sandbox.words.includes('neither')) return test.skip('this machine allows no mount namespaces')
  const wrapper = sandbox.wrap({writable: [], readable: [work]})
  const script = `cat ${secrets.map((name) => join(runner, name)).join(' ')}; cat ${work}/model`
  const {stdout} = spawnSync(wrapper[0]!, [...wrapper.slice(1), 'sh', '-c', script], {
    encoding: 'utf8',
    cwd: '/',
  })
  expect(stdout).toBe('MODEL')
})

it('is refused where the sandbox is required and there is none', async () => {
  const path = process.env['PATH']
  process.env['PATH'] = '/nowhere'
  try {
    await expect(findSandbox('required', surroundings())).rejects.toMatchObject({code: 'E_SANDBOX'})
    const {words, wrap} = await findSandbox('auto', surroundings())
    expect(words).toContain('could reach the network')
    expect(wrap({writable: [], readable: []})).toEqual([])
  } finally {
    process.env['PATH'] = path
  }
})

it('ends a child that takes too long, and leaves nothing behind', async () => {
  write('hang')
  const report = await audit('hang.safetensors', {timeLimit: 1})
  expect(report).toMatchObject({verdict: 'error', reasons: [expect.stringContaining('longer than 1 s')]})
  expect(readdirSync(folder).sort()).toEqual(['hang.safetensors', 'look.safetensors'])
})

it.each([
  ['die', /exit code 1.*RangeError.*out of range/],
  ['stop', /no answer/],
  ['lie', /invalid|Invalid/],
  ['eat', /more than 512 MiB of memory/],
  ['grow', /answer has \d+ bytes/],
])('makes an error of a child that would %s', async (what, reason) => {
  write(what)
  const report = await audit(`${what}.safetensors`, {memoryLimit: 2 ** 29})
  expect(report.verdict).toBe('error')
  expect(report.reasons[0]).toMatch(reason)
})

it('audits nothing outside the workspace, and nothing too large', async () => {
  writeFileSync(join(folder, 'large.pt'), 'x'.repeat(1001))
  writeFileSync(
    join(folder, 'lfs.pt'),
    `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 1\n`,
  )
  mkdirSync(join(folder, 'models'))
  writeFileSync(join(folder, 'models/m.pt'), 'x')
  symlinkSync('models', join(folder, 'linked'))
  symlinkSync('models/m.pt', join(folder, 'link.pt'))
  for (const [path, reason] of [
    ['../../etc/passwd', /outside/],
    ['/etc/passwd', /outside/],
    ['large.pt', /1001 bytes/],
    ['.', /outside|regular/],
    // Before any child sees it.
    ['lfs.pt', /not the model: the weights are not in the checkout/],
    ['link.pt', /symbolic link/],
    ['linked/m.pt', /behind one/],
  ] as const) {
    const report = await audit(path)
    expect(report.verdict, path).toBe('error')
    expect(report.reasons[0], path).toMatch(reason)
  }
})
