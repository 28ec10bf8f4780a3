import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {readParts} from '../../action/src/report/parts.ts'
import {fixtures} from '../fixtures/reports/index.ts'

const commit = 'a'.repeat(40)
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'abd-parts-'))
})
afterEach(() => rmSync(folder, {recursive: true, force: true}))

function part(name: string, value: unknown) {
  mkdirSync(join(folder, name), {recursive: true})
  writeFileSync(join(folder, name, 'part.json'), typeof value === 'string' ? value : JSON.stringify(value))
}

it('gathers the reports of all parts by model', async () => {
  part('abd-part-0', {version: 1, commit, reports: [fixtures.block]})
  part('deep/abd-part-1', {version: 1, commit, reports: [fixtures.pass]})

  const found = await readParts(folder, commit)

  expect(new Set(found.values())).toEqual(new Set([fixtures.block, fixtures.pass]))
})

it.each([
  ['1', '2'],
  ['2', '1'],
])('lets no later part talk a verdict down', async (one, other) => {
  const {path} = fixtures.block.model
  part(one, {version: 1, commit, reports: [fixtures.block]})
  part(other, {version: 1, commit, reports: [{...fixtures.pass, model: {...fixtures.pass.model, path}}]})

  expect((await readParts(folder, commit)).get(path)?.verdict).toBe('block')
})

it.each([
  ['of another commit', {version: 1, commit: 'b'.repeat(40), reports: []}, /another commit/],
  ['that is not JSON', '{', /not JSON/],
  ['that is no report', {version: 1, commit, reports: [{verdict: 'pass'}]}, /wrong at reports\.0/],
  ['of another version', {version: 2, commit, reports: []}, /wrong at version/],
])('refuses a part %s', async (_, value, why) => {
  part('x', value)
  await expect(readParts(folder, commit)).rejects.toMatchObject({
    code: 'E_PARTS',
    message: expect.stringMatching(why),
  })
})

it('says so where the folder is not there', async () => {
  await expect(readParts(join(folder, 'none'), commit)).rejects.toMatchObject({
    code: 'E_PARTS',
    message: expect.stringContaining('ENOENT'),
  })
})
