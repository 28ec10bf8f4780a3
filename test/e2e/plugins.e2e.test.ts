import {spawnSync} from 'node:child_process'
import {cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {tensorData} from '../fixtures/tensor-data.ts'
import {abd, root} from './abd.ts'

const name = 'abd-plugin-dafl'
let folder: string
let plugin: string

/** With a data folder of its own: the user's plugins are neither seen nor touched. */
const run = (...args: string[]) => abd(args, {cwd: folder, env: {XDG_DATA_HOME: join(folder, 'data')}})
const list = async () => JSON.parse((await run('plugins', '--json')).stdout) as {name: string}[]

/** A plugin in a folder of its own, with this as its hook's module. */
function plant(hook: string): string {
  const at = mkdtempSync(join(folder, 'planted-'))
  const manifest = {name: 'planted', version: '1.0.0', type: 'module'}
  const oclif = {hooks: {'abd:plugin': './hook.js'}}
  writeFileSync(join(at, 'package.json'), JSON.stringify({...manifest, oclif}))
  writeFileSync(join(at, 'hook.js'), hook)
  return at
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'abd-plugins-'))
  // Away from the checkout, where no node_modules above it could help it out.
  plugin = join(folder, 'elsewhere')
  mkdirSync(plugin)
  cpSync(join(root, 'examples/plugin-dafl'), plugin, {recursive: true})
})
afterAll(() => rmSync(folder, {recursive: true, force: true}))

describe('a distiller of somebody else', () => {
  it('is linked, and listed with its options', async () => {
    const linked = await run('plugins', 'link', plugin, '--json')
    expect(linked.code, linked.stderr).toBe(0)
    expect(JSON.parse(linked.stdout)).toMatchObject({name, methods: [{kind: 'distiller', name: 'tiny_dafl'}]})
    expect(await list()).toMatchObject([{name, version: '0.1.0', type: 'link', root: plugin}])

    const {stdout} = await run('methods', 'distiller', '--json')
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({name: 'tiny_dafl', paper: 'https://arxiv.org/abs/1904.01186'}),
    )
  })

  const students = new Set<string>()
  it.each([
    ['no defence', []],
    ['the Shuffling Vaccine', ['--defence', 'shuffling_vaccine', '--set', 'defence.layers=1']],
    [
      'Self-Retrospection',
      ['--defence', 'self_retrospection', '--set', 'defence.start=0', '--set', 'defence.rounds=1'],
    ],
  ])('distils the example teacher with %s, to another student each time', async (_, defence) => {
    const out = `${students.size}.safetensors`
    const ran = await run(
      ...['distill', 'run', join(root, 'examples/teacher-poisoned.safetensors'), '--out', out, '--json'],
      ...['--method', 'tiny_dafl', '--set', 'steps=2', '--set', 'batch=8', '--student', 'wrn-10-1'],
      ...defence,
    )
    expect(ran.code, ran.stderr).toBe(0)
    const {configuration, measured} = JSON.parse(ran.stdout)
    expect(configuration.method.options).toMatchObject({steps: 2, batch: 8, oneHot: 1})
    expect(configuration.defences.map((one: {name: string}) => one.name)).toEqual(defence.slice(1, 2))
    expect(measured.losses).toEqual({loss: expect.any(Number), generator: expect.any(Number)})

    const weights = tensorData(readFileSync(join(folder, out)))
    expect(students).not.toContain(weights)
    students.add(weights)
  })

  it('is forgotten, and its folder stays', async () => {
    expect((await run('plugins', 'uninstall', name)).code).toBe(0)
    expect(await list()).toEqual([])
    expect(readdirSync(plugin)).toContain('dafl.js')

    const again = await run('plugins', 'uninstall', name)
    expect(again.code).toBe(2)
    expect(again.stderr).toContain(`There is no plugin of yours named '${name}'.`)
  })

  it('is installed from a tarball with none of its scripts run, and uninstalled', async () => {
    const packed = spawnSync('npm', ['pack', '--silent'], {cwd: plugin, encoding: 'utf8'})
    expect(packed.status, packed.stderr).toBe(0)
    const installed = await run('plugins', 'install', join(plugin, packed.stdout.trim()))
    expect(installed.code, installed.stderr).toBe(0)
    expect(installed.stdout).toBe(`Installed ${name} 0.1.0: distiller tiny_dafl\n`)
    expect(readdirSync(join(folder, 'data/abd/node_modules'))).not.toContain('@abd')
    const one = await run('methods', 'distiller', 'tiny_dafl')
    expect(one.stdout).toMatch(/^distiller tiny_dafl: /)
    expect((await run('methods', 'tiny_dafl')).stdout).toBe(one.stdout)

    expect((await run('plugins', 'uninstall', name)).code).toBe(0)
    const gone = await run('methods', 'tiny_dafl')
    expect(gone.code).toBe(2)
    expect(gone.stderr).toContain("no method, called 'tiny_dafl'")
  })
})

describe('what is no plugin, or a broken one', () => {
  it.each([
    ['a folder without a package.json', () => mkdtempSync(join(folder, 'empty-')), 'E_NO_PLUGIN'],
    ['one that throws', () => plant('throw new Error("no luck")'), 'E_PLUGIN'],
    ['one that answers nothing', () => plant('export default async () => undefined'), 'E_PLUGIN'],
    [
      'one whose method there is already',
      () => plant("export default async () => ({name: 'x', methods: [{kind: 'distiller', name: 'OOD'}]})"),
      'E_METHOD_TWICE',
    ],
  ])('%s is refused, and the list is as before', async (_, make, code) => {
    const before = await list()
    const refused = await run('plugins', 'link', make(), '--json')
    expect(refused.code, refused.stderr).toBe(2)
    expect(JSON.parse(refused.stdout)).toMatchObject({error: {code}})
    expect(await list()).toEqual(before)
    expect((await run('methods')).code).toBe(0)
  })

  it('a list that cannot be read is named, and not replaced', async () => {
    const path = join(folder, 'data/abd/package.json')
    const before = readFileSync(path)
    writeFileSync(path, '{"oclif": {"plugins": 3}}')
    const refused = await run('plugins', 'link', plugin)
    expect(refused.code).toBe(4)
    expect(refused.stderr).toContain(path)
    expect(readFileSync(path, 'utf8')).toBe('{"oclif": {"plugins": 3}}')
    writeFileSync(path, before)
  })
})
