import {createHash} from 'node:crypto'
import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import type {Report} from '@abd/core/audit'
import {readParts} from '../../action/src/report/parts.ts'
import {fixtures} from '../fixtures/reports/index.ts'

const commit = 'a'.repeat(40)
const policy = 'c'.repeat(64)
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
let folder: string
let workspace: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'abd-parts-'))
  workspace = mkdtempSync(join(tmpdir(), 'abd-parts-tree-'))
  for (const name of ['a.pt', 'b.pt', 'weights.bin', 'a.abd.yml']) writeFileSync(join(workspace, name), name)
})
afterEach(() => {
  for (const one of [folder, workspace]) rmSync(one, {recursive: true, force: true})
})
const read = () => readParts(folder, {commit, policy, workspace, most: 1000})

/** A report on a file of the work tree, and the files that it rests on. */
const about = (report: Report, path: string, files: readonly string[] = [path], hash = sha256(path)) => ({
  report: {...report, model: {...report.model, path, sha256: hash}},
  files: files.map((name) => ({path: name, sha256: sha256(name)})),
})
const onB = about(fixtures.pass, 'b.pt')
const onA = about(fixtures.block, 'a.pt', ['a.pt', 'a.abd.yml'])

function part(name: string, value: unknown) {
  mkdirSync(join(folder, name), {recursive: true})
  writeFileSync(join(folder, name, 'part.json'), typeof value === 'string' ? value : JSON.stringify(value))
}
const holding = (...audited: unknown[]) => ({version: 2, commit, policy, audited})

it('gathers the reports of all parts by model', async () => {
  part('abd-part-0', holding(onA))
  part('deep/abd-part-1', holding(onB))

  expect(new Set((await read()).values())).toEqual(new Set([onA.report, onB.report]))
})

it.each([
  ['1', '2'],
  ['2', '1'],
])('lets no later part talk a verdict down', async (one, other) => {
  part(one, holding(about(fixtures.block, 'b.pt')))
  part(other, holding(onB))

  expect((await read()).get('b.pt')?.verdict).toBe('block')
})

it('takes a model whose weights lie in another file', async () => {
  const both = sha256(`${sha256('b.pt')}\n${sha256('weights.bin')}`)
  part('x', holding(about(fixtures.pass, 'b.pt', ['b.pt', 'weights.bin'], both)))
  expect((await read()).get('b.pt')?.verdict).toBe('pass')
})

it('takes an error as it is: it rests on no file', async () => {
  part('x', holding({report: {...onB.report, verdict: 'error'}, files: []}))
  expect((await read()).get('b.pt')?.verdict).toBe('error')
})

it.each([
  ['another model', 'b.pt', /made from another b\.pt/],
  ['another card', 'a.abd.yml', /made from another a\.abd\.yml/],
])('refuses a part that saw %s than is here', async (_, changed, why) => {
  part('x', holding(onA, onB))
  writeFileSync(join(workspace, changed), 'other bytes')
  await expect(read()).rejects.toMatchObject({code: 'E_PARTS', message: expect.stringMatching(why)})
})

it('refuses a part about a file that is a link here', async () => {
  part('x', holding(onB))
  rmSync(join(workspace, 'b.pt'))
  symlinkSync('a.pt', join(workspace, 'b.pt'))
  await expect(read()).rejects.toMatchObject({code: 'E_PARTS', message: expect.stringContaining('link')})
})

it.each([
  ['of another commit', {...holding(), commit: 'b'.repeat(40)}, /another commit/],
  ['by another policy', {...holding(), policy: 'd'.repeat(64)}, /another policy than the base's/],
  ['that is not JSON', '{', /not JSON/],
  ['that is no report', holding({report: {verdict: 'pass'}, files: []}), /wrong at audited\.0/],
  ['of another version', {...holding(), version: 1}, /wrong at version/],
  ['that names no file', holding({...onB, files: []}), /does not name its file/],
  [
    'that names another file',
    holding(about(fixtures.pass, 'b.pt', ['weights.bin'])),
    /does not name its file/,
  ],
  [
    'whose report is about other bytes',
    holding(about(fixtures.pass, 'b.pt', ['b.pt'], sha256('x'))),
    /other bytes/,
  ],
  ['that knows no card', holding(about(fixtures.pass, 'a.pt')), /knows nothing of a\.abd\.yml/],
])('refuses a part %s', async (_, value, why) => {
  part('x', value)
  await expect(read()).rejects.toMatchObject({
    code: 'E_PARTS',
    message: expect.stringMatching(why),
  })
})

it('says so where the folder is not there', async () => {
  await expect(
    readParts(join(folder, 'none'), {commit, policy, workspace, most: 1000}),
  ).rejects.toMatchObject({
    code: 'E_PARTS',
    message: expect.stringContaining('ENOENT'),
  })
})
