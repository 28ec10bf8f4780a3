import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {createAuditCache} from '../../action/src/audit/audit-cache.ts'
import {fixtures} from '../fixtures/reports/index.ts'

const sha256 = 'a'.repeat(64)
const report = {...fixtures.block, model: {...fixtures.block.model, sha256}}
const copied = {sha256, cards: {}, extension: '.pt'}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'abd-cache-'))
})
afterEach(() => rmSync(folder, {recursive: true, force: true}))

const cache = (options: {restsOn?: unknown; merged?: boolean} = {}) =>
  createAuditCache({folder: join(folder, 'verdicts'), restsOn: ['quick', 0], merged: true, ...options})

it('knows a verdict again, and whatever it rests on makes another one', async () => {
  await cache().write(copied, report)

  expect(await cache().read(copied)).toEqual(report)
  expect(await cache({restsOn: ['quick', 1]}).read(copied)).toBeUndefined()
  expect(await cache().read({...copied, cards: {'teacher.abd.yml': 'b'.repeat(64)}})).toBeUndefined()
  expect(await cache().read({...copied, extension: '.safetensors'})).toBeUndefined()
  expect(await cache().read({...copied, sha256: 'c'.repeat(64)})).toBeUndefined()
})

it('is read and never written by a pull request', async () => {
  await cache({merged: false}).write(copied, report)
  expect(readdirSync(folder)).toEqual([])

  await cache().write(copied, report)
  expect(await cache({merged: false}).read(copied)).toEqual(report)
})

it.each(['pass', 'review', 'skipped'] as const)(
  'lets a pull request find no %s: a push of its own may have left it',
  async (verdict) => {
    await cache().write(copied, {...report, verdict: 'pass'})
    const [name] = readdirSync(join(folder, 'verdicts'))
    writeFileSync(join(folder, 'verdicts', name!), JSON.stringify({...report, verdict}))

    expect(await cache({merged: false}).read(copied)).toBeUndefined()
  },
)

it('keeps no errors', async () => {
  await cache().write(copied, {...report, verdict: 'error'})
  expect(await cache().read(copied)).toBeUndefined()
})

it('believes neither a report about other bytes nor one that is none', async () => {
  await cache().write(copied, report)
  const [name] = readdirSync(join(folder, 'verdicts'))
  const path = join(folder, 'verdicts', name!)
  const other = {...report, model: {...report.model, sha256: 'd'.repeat(64)}}
  for (const text of [
    JSON.stringify(other),
    '{"verdict": "pass"}',
    'x',
    JSON.stringify(report).slice(0, -9),
  ]) {
    writeFileSync(path, text)
    expect(await cache().read(copied), text.slice(0, 20)).toBeUndefined()
  }
})

it('is as an empty one where the folder cannot be used', async () => {
  writeFileSync(join(folder, 'verdicts'), 'a file')
  await cache().write(copied, report)
  expect(await cache().read(copied)).toBeUndefined()
  expect(readFileSync(join(folder, 'verdicts'), 'utf8')).toBe('a file')
})
