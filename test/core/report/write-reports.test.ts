import {execFileSync} from 'node:child_process'
import {chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join, relative} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {readReports} from '../../../src/report/read-reports.ts'
import {render, writeRendered} from '../../../src/report/render.ts'
import {outputError} from '../../../src/report/output-error.ts'
import {ensureWritable, writeReports} from '../../../src/report/write-reports.ts'
import {fixtures} from '../../fixtures/reports/index.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-report-'))
})
afterEach(() => rm(folder, {recursive: true, force: true}))

const names = async () =>
  (await readdir(folder, {recursive: true, withFileTypes: true}))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort()

const isRoot = process.getuid?.() === 0
if (isRoot) console.warn('SKIPPED: a read-only folder, which stops everybody but root.')

describe('the folder of an audit', () => {
  it('holds one file’s report as report.json', async () => {
    const paths = await writeReports(folder, [fixtures.block])

    expect(paths).toEqual(
      ['report.json', 'report.html', 'report.md', 'report.sarif'].map((name) => join(folder, name)),
    )
    expect(JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'))).toEqual(fixtures.block)
    expect(await names()).toEqual(['report.html', 'report.json', 'report.md', 'report.sarif'])
  })

  it('holds several in numbered folders, the rest once', async () => {
    await writeReports(join(folder, 'deep', 'er'), [fixtures.pass, fixtures.block])

    expect(await names()).toEqual(
      ['1/report.json', '2/report.json', 'report.html', 'report.md', 'report.sarif']
        .map((name) => join('deep/er', name))
        .sort(),
    )
    expect(await readReports(join(folder, 'deep/er'))).toEqual([fixtures.pass, fixtures.block])
  })

  it('never mixes two runs, and leaves what is not abd’s alone', async () => {
    await writeReports(folder, [fixtures.pass, fixtures.pass, fixtures.pass])
    await writeReports(folder, [fixtures.block])
    expect(await names()).toEqual(['report.html', 'report.json', 'report.md', 'report.sarif'])

    await writeFile(join(folder, '1', 'report.json'), '{"mine": true}')
    await writeReports(folder, [fixtures.pass, fixtures.block])
    await writeFile(join(folder, '1', 'report.json'), '{"mine": true}')
    await writeReports(folder, [fixtures.block])
    expect(await names()).toContain('1/report.json')
    expect(await readReports(folder)).toEqual([fixtures.block])
  })

  it('says where it cannot be written', async () => {
    await writeFile(join(folder, 'file'), '')

    for (const attempt of [ensureWritable, (place: string) => writeReports(place, [fixtures.pass])])
      await expect(attempt(join(folder, 'file', 'out'))).rejects.toMatchObject({
        code: 'E_OUT_UNWRITABLE',
        exit: 4,
        message: expect.stringContaining(join(folder, 'file', 'out')),
      })
    await expect(writeRendered(folder, 'text')).rejects.toMatchObject({code: 'E_OUT_UNWRITABLE', exit: 4})
  })

  it.skipIf(isRoot)('says so of a folder that is read-only', async () => {
    const locked = join(folder, 'locked')
    await mkdir(locked)
    await chmod(locked, 0o500)
    await expect(ensureWritable(locked)).rejects.toMatchObject({code: 'E_OUT_UNWRITABLE', exit: 4})
  })

  it.each(['ENOSPC', 'EDQUOT'])('says that the disk is full (%s)', (code) => {
    expect(outputError(Object.assign(new Error('write'), {code}), '/out')).toMatchObject({
      code: 'E_DISK_FULL',
      exit: 4,
      message: expect.stringContaining('/out'),
    })
  })

  it('leaves nothing half-written on a disk that fills up', async (context) => {
    const small = join(folder, 'small')
    // Room for report.json, not for the page, which is larger.
    const room = Math.ceil(JSON.stringify(fixtures.block, null, 2).length / 4096) * 4 + 64
    await mkdir(small)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${room}k`, 'tmpfs', small], {stdio: 'ignore'})
    } catch {
      console.warn('Skipped: a full disk needs the right to mount one.')
      context.skip()
    }
    try {
      await expect(writeReports(small, [fixtures.block])).rejects.toMatchObject({
        code: 'E_DISK_FULL',
        exit: 4,
      })
      for (const name of await readdir(small))
        expect(['report.json', 'report.html', 'report.md', 'report.sarif']).toContain(name)
      expect(await readReports(small)).toEqual([fixtures.block])
    } finally {
      execFileSync('umount', [small])
    }
  })

  it('passes on what is not the surroundings’ fault', () => {
    const bug = new TypeError('x is not a function')
    expect(outputError(bug, '/out')).toBe(bug)
  })
})

describe('a stored report', () => {
  const stored = async (text: string) => {
    const path = join(folder, 'report.json')
    await writeFile(path, text)
    return path
  }

  it('is read from its file, from its folder, and from what --json printed', async () => {
    const path = await stored(JSON.stringify(fixtures.review))
    expect(await readReports(path)).toEqual([fixtures.review])
    expect(await readReports(folder)).toEqual([fixtures.review])
    expect(await readReports(await stored(JSON.stringify([fixtures.pass, fixtures.block])))).toEqual([
      fixtures.pass,
      fixtures.block,
    ])
  })

  it.each([
    ['', /it is empty/],
    ['{', /it is not JSON/],
    ['[]', /the top/],
    ['{"schemaVersion": 7}', /schema version 7; this abd reads version 1/],
    [JSON.stringify({...fixtures.pass, verdict: 'fine'}), /verdict: /],
    [JSON.stringify({...fixtures.pass, model: {...fixtures.pass.model, sha256: 'x'}}), /: model\.sha256: /],
    [JSON.stringify([fixtures.pass, {...fixtures.pass, extra: 1}]), /: 1: .*extra/],
  ])('that is none is refused with its place: %#', async (text, message) => {
    const path = await stored(text)
    await expect(readReports(path)).rejects.toMatchObject({
      code: 'E_REPORT_INVALID',
      exit: 4,
      message: expect.stringMatching(message),
    })
    await expect(readReports(path)).rejects.toThrow(path)
  })

  it('that is not there is missed by name', async () => {
    await expect(readReports(join(folder, 'nowhere'))).rejects.toMatchObject({
      code: 'E_REPORT_MISSING',
      exit: 4,
    })
    await expect(readReports(folder)).rejects.toMatchObject({
      code: 'E_REPORT_MISSING',
      message: expect.stringContaining(folder),
    })
  })

  it('comes out in every format', () => {
    const options = {colour: false, width: 80}
    expect(JSON.parse(render([fixtures.pass], 'json', options))).toEqual(fixtures.pass)
    expect(JSON.parse(render([fixtures.pass, fixtures.block], 'json', options))).toEqual([
      fixtures.pass,
      fixtures.block,
    ])
    expect(render([fixtures.pass], 'text', options)).toMatch(/^✔ PASS/)
    expect(render([fixtures.pass], 'markdown', options)).toMatch(/^## Backdoor audit: 1 pass/)
    expect(render([fixtures.pass], 'html', options)).toMatch(/^<!doctype html>/)
    expect(JSON.parse(render([fixtures.pass], 'sarif', options)).version).toBe('2.1.0')
  })
})
