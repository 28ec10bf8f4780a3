import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {Config} from '@oclif/core'
import {afterAll, afterEach, beforeAll, describe, expect, it, vi} from 'vitest'
import Command from '../../../commands/report.ts'
import {fixtures} from '../../fixtures/reports/index.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
let config: Config
let folder = ''
beforeAll(async () => {
  config = await Config.load(root)
  folder = await mkdtemp(join(tmpdir(), 'abd-report-command-'))
  await writeFile(join(folder, 'report.json'), JSON.stringify(fixtures.block))
  await writeFile(join(folder, 'broken.json'), '{"schemaVersion": 1}')
})
afterAll(() => rm(folder, {recursive: true, force: true}))
afterEach(() => {
  process.exitCode = undefined
})

/** Runs the command as the CLI does, and hears what it prints. */
async function report(...argv: string[]) {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  // oclif prints JSON this way, and vitest takes it before it reaches standard output.
  const log = vi
    .spyOn(console, 'log')
    .mockImplementation((text) => void process.stdout.write(`${String(text)}\n`))
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    await Command.run(argv, config)
    const said = (spy: typeof out) => spy.mock.calls.map(([text]) => String(text)).join('')
    return {stdout: said(out), stderr: said(err), code: process.exitCode ?? 0}
  } finally {
    log.mockRestore()
    out.mockRestore()
    err.mockRestore()
  }
}

describe('abd report', () => {
  it('shows a stored report again, with exit code 0 even for a block', async () => {
    const {stdout, code} = await report(folder)

    expect(stdout).toMatch(/^✖ BLOCK {2}examples\/teacher-poisoned\.safetensors\n/)
    expect(stdout).not.toContain('\u001b')
    expect(code).toBe(0)
  })

  it('writes a page to a file', async () => {
    const page = join(folder, 'pages', 'audit.html')
    expect(await report(folder, '--format', 'html', '--out', page)).toEqual({stdout: '', stderr: '', code: 0})
    expect(await readFile(page, 'utf8')).toMatch(/^<!doctype html>/)
  })

  it('prints JSON with --json as abd audit does: an array', async () => {
    expect(JSON.parse((await report(folder, '--json')).stdout)).toEqual([fixtures.block])
    expect(JSON.parse((await report(folder, '--format', 'json')).stdout)).toEqual(fixtures.block)
  })

  it('says what is wrong with what it was given', async () => {
    const broken = await report(join(folder, 'broken.json'))
    expect(broken).toMatchObject({stdout: '', code: 4})
    expect(broken.stderr).toMatch(/broken\.json is not a report of abd: tool: /)

    const missing = await report(join(folder, 'nowhere'))
    expect(missing.stderr).toMatch(/nowhere does not exist/)
    expect(missing.code).toBe(4)

    expect((await report(folder, '--format', 'pdf')).code).toBe(2)
    expect((await report(folder, '--format', 'html', '--out', folder)).stderr).toMatch(
      /Cannot write to .*folder of that name/,
    )
  })
})
