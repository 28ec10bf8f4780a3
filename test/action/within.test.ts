import {mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {chooseEngine} from '../../action/src/audit/choose-engine.ts'
import {writeSarifFile} from '../../action/src/report/write-files.ts'
import {requireOutside} from '../../action/src/within.ts'

let folder: string
let workspace: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'abd-within-')))
  workspace = join(folder, 'workspace')
  mkdirSync(workspace)
  mkdirSync(join(folder, 'outside'))
})
afterEach(() => rmSync(folder, {recursive: true, force: true}))
const inside = (name: string) => join(workspace, name)

it.each([
  ['a folder in the checkout', () => inside('verdicts')],
  ['the checkout', () => workspace],
  ['a link that the pull request brought', () => inside('link/verdicts')],
  ['a link from outside into the checkout', () => join(folder, 'into/verdicts')],
])('takes nothing that decides a verdict from %s', async (_, path) => {
  symlinkSync(join(folder, 'outside'), inside('link'))
  symlinkSync(workspace, join(folder, 'into'))
  await expect(requireOutside(workspace, path(), 'cache-dir')).rejects.toMatchObject({
    code: 'E_INPUT',
    message: expect.stringContaining('cache-dir lies in the checkout'),
  })
})

it('takes it from beside the checkout', async () => {
  for (const path of ['outside', 'outside/not/there', 'workspace-2', '..workspace'])
    await expect(requireOutside(workspace, join(folder, path), 'cache-dir')).resolves.toBeUndefined()
})

it.each(['auto', 'install', 'tensorflow'] as const)(
  'loads no native code from the checkout (engine: %s)',
  async (engine) => {
    const before = process.env['ABD_CACHE_DIR']
    process.env['ABD_CACHE_DIR'] = inside('cache')
    const progress = {start: () => ({advance() {}, end() {}}), note() {}}
    try {
      await expect(
        chooseEngine(engine, {workspace, progress, signal: new AbortController().signal}),
      ).rejects.toMatchObject({code: 'E_INPUT', message: expect.stringContaining('ABD_CACHE_DIR')})
    } finally {
      if (before === undefined) delete process.env['ABD_CACHE_DIR']
      else process.env['ABD_CACHE_DIR'] = before
    }
  },
)

it.each([
  ['a link in its place', 'abd.sarif', (to: string) => symlinkSync(to, inside('abd.sarif'))],
  ['a file in its place', 'abd.sarif', () => writeFileSync(inside('abd.sarif'), 'forged')],
  ['nothing there', 'deep/er/abd.sarif', () => undefined],
])('writes SARIF into the workspace, %s', async (_, path, before) => {
  const other = join(folder, 'outside/other')
  writeFileSync(other, 'untouched')
  before(other)

  const written = await writeSarifFile(path, workspace, '{}')

  expect(realpathSync(written)).toBe(inside(path))
  expect(readFileSync(written, 'utf8')).toBe('{}')
  expect(readFileSync(other, 'utf8')).toBe('untouched')
})

it.each([
  ['a folder that is a link out', 'link/abd.sarif'],
  ['a folder below one', 'link/deep/er/abd.sarif'],
  ['a link that leads nowhere yet', 'dangling/abd.sarif'],
  ['a path out of the workspace', '../outside/abd.sarif'],
  ['a path that is not relative', '/tmp/abd.sarif'],
  ['the workspace itself', '.'],
])('writes no SARIF through %s', async (_, path) => {
  symlinkSync(join(folder, 'outside'), inside('link'))
  symlinkSync(join(folder, 'nowhere'), inside('dangling'))

  await expect(writeSarifFile(path, workspace, '{}')).rejects.toThrow()
  expect(() => readFileSync(join(folder, 'outside/abd.sarif'))).toThrow('ENOENT')
  expect(() => readFileSync(join(folder, 'nowhere/abd.sarif'))).toThrow('ENOENT')
})
