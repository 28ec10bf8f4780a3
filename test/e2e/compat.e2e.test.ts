import {mkdtemp, readdir} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {writeCard} from '@abd/core/audit'
import {createRandom, openEngine} from '@abd/core/engine'
import {tinyModel} from '@abd/core/testing'
import {saveModel} from '@abd/core/train'
import {beforeAll, describe, expect, it} from 'vitest'
import {abd} from './abd.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-compat-'))
  await openEngine('cpu')
  using teacher = tinyModel(createRandom('teacher'))
  const path = join(folder, 'teacher.safetensors')
  await writeCard(path, await saveModel(path, teacher))
})

async function dryRun(command: readonly string[], args: readonly string[]) {
  const before = await readdir(folder)
  const options = ['--student', 'wrn-10-1', '--dry-run', '--json', '--engine', 'cpu']
  const ran = await abd([...command, 'teacher.safetensors', ...args, ...options], {cwd: folder})
  expect(await readdir(folder)).toEqual(before)
  return ran
}

interface Planned {
  readonly configuration: {
    readonly method: {readonly options: object}
    readonly defences: readonly {readonly options: object}[]
  }
}

describe('--dry-run --compat abd', () => {
  it('shows the quirks of the reference as options, and says which they are', async () => {
    const {code, stdout, stderr} = await dryRun(
      ['defend', 'run'],
      ['--distiller', 'zskt', '--compat', 'abd', '--set', 'defence.logsAfter=false'],
    )

    expect(code).toBe(0)
    const {configuration} = JSON.parse(stdout) as Planned
    expect(configuration.method.options).toMatchObject({repeats: true})
    expect(configuration.defences.map(({options}) => options)).toMatchObject([
      {inStage: 'off'},
      {logsAfter: false}, // set by hand
    ])
    expect(stderr).toContain('As the reference implementation (--compat abd): B45 ')
    expect(stderr).not.toContain('B34')
  })

  it('says so where there is none', async () => {
    const {code, stderr} = await dryRun(['distill', 'run'], ['--method', 'deepinversion', '--compat', 'abd'])

    expect(code).toBe(0)
    expect(stderr).toContain('--compat abd changes nothing here')
  })

  it('knows no other reference', async () => {
    const {code, stdout, stderr} = await dryRun(['distill', 'run'], ['--compat', 'torch'])

    expect(code).toBe(2)
    expect(stdout + stderr).toContain('abd')
    expect(stdout + stderr).toContain('--compat=torch')
  })
})
