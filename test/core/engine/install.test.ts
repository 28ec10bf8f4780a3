import {silent} from '@abd/core'
import {surveyEngines} from '@abd/core/engine'
import {installTensorFlow} from '@abd/core/engine/install'
import type {InstallOptions} from '@abd/core/engine/install'
import {existsSync} from 'node:fs'
import {mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest'
import {canFake, fakeTools} from './fake-tools.ts'
import type {FakeTools} from './fake-tools.ts'

const supported = process.platform === 'linux' && canFake
if (!supported) console.warn('The installation of the engine is not tested: it needs Linux, g++ and python3.')

/** Of all processes. */
async function commandLines(): Promise<readonly string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = processes.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => ''))
  return (await Promise.all(lines)).map((line) => line.split('\0').join(' ').trim())
}

describe.skipIf(!supported)('abd engine install', () => {
  let tools: FakeTools

  beforeEach(async () => {
    tools = await fakeTools()
    vi.stubEnv('PATH', tools.bin)
    vi.stubEnv('CXX', '')
    vi.stubEnv('ABD_CACHE_DIR', tools.cache)
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await tools[Symbol.asyncDispose]()
  })

  const install = (options: Partial<InstallOptions> = {}) =>
    installTensorFlow({flavour: 'cpu', progress: silent, signal: new AbortController().signal, ...options})
  const leftBehind = () => readdir(join(tools.cache, 'engines')).catch(() => [])

  test('fetches the pinned wheel, compiles, and keeps the libraries only', async () => {
    const {folder, fresh} = await install()
    expect(fresh).toBe(true)
    expect(await leftBehind()).toEqual([folder.split('/').at(-1)])
    expect((await readdir(join(folder, 'tensorflow'))).sort()).toEqual([
      'libtensorflow_cc.so.2',
      'standard_error.node',
      'tfjs_binding.node',
    ])
    const download = (await tools.calls()).find((call) => call.includes('pip download'))
    expect(download).toMatch(/--require-hashes .*--no-deps --only-binary=:all: /)
    const [engine] = await surveyEngines()
    expect(engine).toMatchObject({name: 'tensorflow', state: 'used', version: '2.21.0', device: 'cpu'})
  })

  test('does nothing the second time, and all of it again with force', async () => {
    await install()
    const calls = (await tools.calls()).length
    expect(await install()).toMatchObject({fresh: false})
    expect((await tools.calls()).length).toBe(calls)
    expect(await install({force: true})).toMatchObject({fresh: true})
    expect((await tools.calls()).length).toBeGreaterThan(calls)
    expect(await leftBehind()).toHaveLength(1)
  })

  test('says before any download that pip or a compiler is missing', async () => {
    await tools.remove('g++')
    await expect(install()).rejects.toMatchObject({code: 'E_ENGINE_COMPILER', exit: 4})
    await tools.remove('python3')
    await expect(install()).rejects.toMatchObject({code: 'E_ENGINE_PIP', exit: 4})
    expect(await leftBehind()).toEqual([])
  })

  test('takes the compiler in CXX, with its arguments, and the first that runs', async () => {
    vi.stubEnv('CXX', `${join(tools.bin, 'g++')} -DMARK`)
    await install()
    expect((await tools.calls()).some((call) => call.startsWith('g++ -DMARK -std=c++17'))).toBe(true)
  })

  test.each([
    [
      'ERROR: No matching distribution found for tensorflow-cpu==2.21.0',
      'E_ENGINE_DOWNLOAD',
      'No matching distribution',
    ],
    [
      'ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device',
      'E_DISK_FULL',
      'full',
    ],
  ])('pip fails with "%s": %s, and nothing stays behind', async (line, code, words) => {
    await tools.replace('python3', `case "$*" in *download*) echo '${line}' >&2; exit 1;; esac`)
    await expect(install()).rejects.toMatchObject({code, exit: 4, message: expect.stringContaining(words)})
    expect(await leftBehind()).toEqual([])
  })

  test('the compiler fails: its first error, and nothing stays behind', async () => {
    await tools.replace(
      'g++',
      `case "$*" in *-shared*) echo 'a.cc:1:10: fatal error: no such file' >&2; exit 1;; esac`,
    )
    await expect(install()).rejects.toMatchObject({
      code: 'E_ENGINE_COMPILE',
      message: expect.stringContaining('fatal error: no such file'),
    })
    expect(await leftBehind()).toEqual([])
  })

  test('a library that cannot be loaded is not installed', async () => {
    await tools.replace(
      'g++',
      `last=; for word in "$@"; do [ "$last" = -o ] && echo rubbish > "$word"; last=$word; done`,
    )
    await expect(install()).rejects.toMatchObject({code: 'E_ENGINE_LOAD', exit: 4})
    expect(await leftBehind()).toEqual([])
  })

  test('interrupted while it downloads, it leaves nothing behind', async () => {
    await tools.replace('python3', `case "$*" in *download*) /bin/sleep 61; true;; esac`)
    const abort = new AbortController()
    const interrupted = install({signal: abort.signal})
    const outcome = expect(interrupted).rejects.toThrow('stop')
    while (!(await tools.calls()).some((call) => call.includes('download'))) await sleep(20)
    abort.abort(new Error('stop'))
    await outcome
    expect(await leftBehind()).toEqual([])
    // Not even what the tool itself had started.
    expect(await commandLines()).not.toContain('/bin/sleep 61')
  })

  test('two at once: one works, the other waits and finds it done', async () => {
    const notes: string[] = []
    const progress = {...silent, note: (line: string) => void notes.push(line)}
    const both = await Promise.all([install({progress}), install({progress})])
    expect(both.map(({fresh}) => fresh).sort()).toEqual([false, true])
    expect((await tools.calls()).filter((call) => call.includes('download'))).toHaveLength(1)
    expect(notes).toHaveLength(1)
  })

  test('takes over from one that was killed, and removes its draft', async () => {
    const engines = join(tools.cache, 'engines')
    await mkdir(join(engines, 'draft-dead'), {recursive: true})
    // No process has this number: it is above the largest that Linux gives.
    await writeFile(join(engines, 'install.lock'), `4194305 ${hostname()}`)
    await install()
    expect(await leftBehind()).toHaveLength(1)
    expect(existsSync(join(engines, 'install.lock'))).toBe(false)
  })

  test('a cache folder that cannot be made is an error of the surroundings', async () => {
    await writeFile(tools.cache, 'a file where the folder should be')
    await expect(install()).rejects.toMatchObject({code: 'E_ENGINE_CACHE', exit: 4})
    await rm(tools.cache)
  })
})
