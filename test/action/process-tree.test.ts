import {spawn} from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {endTree} from '../../action/src/audit/end-tree.ts'
import {runChild} from '../../action/src/audit/run-child.ts'
import {findSandbox} from '../../action/src/audit/sandbox.ts'
import type {Sandbox} from '../../action/src/audit/sandbox.ts'

let folder: string
/** Seconds to sleep, by which a process is told from all others. */
let mark: string
const path = process.env['PATH']
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'abd-tree-'))
  mark = `${80_000 + (process.pid % 10_000)}.${performance.now().toFixed(0)}`
})
afterEach(() => {
  process.env['PATH'] = path
  for (const pid of sleeping()) process.kill(pid, 'SIGKILL')
  rmSync(folder, {recursive: true, force: true})
})

/** Those that are still there, and no longer dying. */
const sleeping = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return (
          readFileSync(`/proc/${name}/cmdline`, 'latin1') === `sleep\0${mark}\0` &&
          !readFileSync(`/proc/${name}/stat`, 'latin1').includes(') Z ')
        )
      } catch {
        return false
      }
    })
    .map(Number)

const until = async (holds: () => boolean) => {
  for (let n = 0; n < 100 && !holds(); n++) await new Promise((resolve) => setTimeout(resolve, 50))
}

/** A child, and a grandchild in a session of its own; neither minds SIGTERM. */
const stubborn = () => `trap "" TERM; setsid sh -c 'trap "" TERM; sleep ${mark}' & sleep ${mark}`
/** The grandchild's parent has left it behind, and it holds standard error. */
const daemon = () => `trap "" TERM; (setsid sleep ${mark} &); sleep ${mark}`

const run = (sandbox: Sandbox, script: string, signal = new AbortController().signal) => {
  mkdirSync(join(folder, 'own'), {recursive: true})
  return runChild({
    command: [...sandbox.wrap({writable: [join(folder, 'own')], readable: []}), 'sh', '-c', script],
    cwd: join(folder, 'own'),
    env: {PATH: process.env['PATH'] ?? ''},
    timeLimit: 1,
    memoryLimit: 2 ** 30,
    root: sandbox.root,
    signal,
  })
}

const surroundings = () => ({covered: [folder], temp: tmpdir(), sudo: false})

/** Programs for the PATH: without mount no files can be covered. */
function only(...names: readonly string[]) {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const name of names)
    for (const place of ['/usr/bin', '/bin'])
      try {
        readFileSync(join(place, name))
        symlinkSync(join(place, name), join(bin, name))
        break
      } catch {
        continue
      }
  process.env['PATH'] = bin
}
const all = ['sh', 'setsid', 'sleep', 'setpriv', 'prlimit', 'true']

it.each([
  ['whole', 'neither', 'a stubborn grandchild', stubborn],
  ['whole', 'neither', 'one that its parent left behind', daemon],
  ['without mounts', 'not covered', 'a stubborn grandchild', stubborn],
  ['without mounts', 'not covered', 'one that its parent left behind', daemon],
])('leaves nothing of a sandbox (%s) after the time is over: %s, %s', async (kind, words, _, script) => {
  if (kind === 'without mounts') only(...all, 'unshare')
  const sandbox = await findSandbox('auto', surroundings())
  if (!sandbox.words.includes(words)) {
    console.warn(`Skipped: this machine's sandbox is another one (${sandbox.words}).`)
    return
  }
  await expect(run(sandbox, script())).rejects.toMatchObject({code: 'E_TIME_LIMIT'})
  await until(() => sleeping().length === 0)
  expect(sleeping()).toEqual([])
})

it('leaves no descendant without a sandbox either, and says what could stay', async () => {
  const sandbox = await findSandbox('off', surroundings())
  expect(sandbox.words).toContain('one that leaves its parent could outlive its audit')
  await expect(run(sandbox, stubborn())).rejects.toMatchObject({code: 'E_TIME_LIMIT'})
  await until(() => sleeping().length === 0)
  expect(sleeping()).toEqual([])
})

it('does not wait for what holds standard error after the end', async () => {
  const sandbox = await findSandbox('off', surroundings())
  await expect(run(sandbox, `(setsid sleep ${mark} &) ; exit 0`)).resolves.toBeUndefined()
})

it('ends the child of a job that is cancelled', async () => {
  const sandbox = await findSandbox('auto', surroundings())
  const controller = new AbortController()
  const running = run(sandbox, stubborn(), controller.signal)
  await until(() => sleeping().length > 0)
  controller.abort(new Error('cancelled'))
  await expect(running).rejects.toThrow('cancelled')
  await until(() => sleeping().length === 0)
  expect(sleeping()).toEqual([])
})

it('ends with the action, even where that is killed', async () => {
  const sandbox = await findSandbox('auto', surroundings())
  const wrapper = sandbox.wrap({writable: [folder], readable: []})
  const script = `require('node:child_process').spawn(process.argv[1], process.argv.slice(2), {detached: true, stdio: 'ignore'}); setInterval(() => {}, 1000)`
  const action = spawn(process.execPath, ['-e', script, ...wrapper, 'sh', '-c', stubborn()], {
    stdio: 'ignore',
  })
  await until(() => sleeping().length > 1)
  expect(sleeping().length).toBeGreaterThan(1)
  action.kill('SIGKILL')
  await until(() => sleeping().length === 0)
  expect(sleeping()).toEqual([])
})

it('asks sudo to end what sudo has started', () => {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'sudo'), `#!/bin/sh\necho "$*" >>"${folder}/asked"\n`)
  chmodSync(join(bin, 'sudo'), 0o755)
  process.env['PATH'] = `${bin}:${path}`
  const child = spawn('sleep', [mark])
  endTree(child.pid!, true)
  expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe(
    `--non-interactive kill -s STOP -- ${child.pid}\n--non-interactive kill -s KILL -- -${child.pid} ${child.pid}\n`,
  )
})
