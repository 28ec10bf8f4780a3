import {mkdir, mkdtemp, readdir, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {runAbd} from '../../cli/run-abd.ts'
import {abd, root} from './abd.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-reproduce-'))
})
afterAll(() => rm(folder, {recursive: true}))

const reproduce = (...words: readonly string[]) => abd(['reproduce', 'table1', ...words], {cwd: folder})

describe('abd reproduce table1', () => {
  it('lists what it would run, and writes nothing', async () => {
    const {code, stdout} = await reproduce('--dry-run', '--seeds', '7', '--trigger', 'sig', '--method', 'ood')
    expect(code).toBe(0)
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.slice(0, 22)),
    ).toEqual(['to do  abd attack trai', 'to do  abd distill run', 'to do  abd distill run', '0 of 3 done'])
    expect(await readdir(folder)).toEqual([])
  })

  it('lists and keeps commands as a shell reads them, with the data set that it was told', async () => {
    await mkdir(join(folder, 'my set'))
    const words = ['--dataset', 'my set', '--seeds', '7', '--trigger', 'sig', '--method', 'clean_kd']
    const listed = await reproduce('--dry-run', ...words, '--out', 'my table')
    expect(listed.stdout).toContain("attack train --dataset './my set' --trigger sig")
    expect(listed.stdout).toContain("--out 'my table/teachers/sig.safetensors'")

    // The set is empty, so that the teacher fails; the table is written.
    await reproduce(...words, '--out', 'my table')
    expect(await readFile(join(folder, 'my table/table1.md'), 'utf8')).toContain(
      "Made by `abd reproduce table1 --scale mini --dataset 'my set' --trigger sig --method clean_kd --seeds 7` on no engine yet",
    )
    await rm(join(folder, 'my set'), {recursive: true})
    await rm(join(folder, 'my table'), {recursive: true})
  })

  it.each([
    [['--scale', 'paper'], 'E_DATASET'],
    [['--dataset', 'nowhere'], 'E_PATH'],
    [['--seeds', '0,one'], 'E_SEEDS'],
    [['--trigger', 'badnet_gird'], 'E_TRIGGER_UNKNOWN'],
    [['--set', 'blend.image=cat.png'], 'E_SETTING'],
    [['--trigger', 'sig', '--set', 'sig.foo=1'], 'E_OPTIONS'],
    [['--trigger', 'cl'], 'E_OPTIONS'],
    [['--method', 'dafl'], 'E_USAGE'],
    [['--tabulate', '--out', 'nowhere'], 'E_CELLS'],
  ])('refuses %j before anything is run', async (words, expected) => {
    const {code, stdout} = await reproduce(...words, '--json')
    expect([JSON.parse(stdout).error.code, code]).toEqual([expected, 2])
  })

  it('stops a command that runs when it is stopped, and leaves nothing half-written', async () => {
    const ran = await abd(
      [
        'reproduce',
        'table1',
        '--seeds',
        '0',
        '--trigger',
        'badnet_sq',
        '--method',
        'ood',
        '--out',
        'stopped',
      ],
      {cwd: folder, signalAfter: 8000},
    )
    expect(ran.code).toBe(130)
    expect(ran.stderr).toContain('badnet_sq (0 of 3 done)')
    // It may have had an epoch to go on from.
    const teachers = await readdir(join(folder, 'stopped/teachers'))
    expect(teachers.filter((name) => name !== 'badnet_sq.checkpoint.safetensors')).toEqual([])
    expect(await readdir(join(folder, 'stopped/cells'))).toEqual([])
  })

  it('tells which command failed and why, and that what needs it is left out', async () => {
    // A folder in the place of the teacher's file.
    await mkdir(join(folder, 'blocked/teachers/sig.safetensors'), {recursive: true})
    const {code, stdout} = await reproduce(
      ...['--seeds', '0', '--trigger', 'sig', '--method', 'clean_kd', '--out', 'blocked'],
    )
    expect(code).toBe(4)
    expect(stdout).toMatch(/Failed: sig: .*sig\.safetensors/)
    expect(stdout).toContain('Failed: sig-clean_kd-0: its teacher sig could not be made')
    expect(stdout).toContain('0 of 2 done')
  })
})

describe('runAbd', () => {
  const program = {node: process.execPath, arguments: [join(root, 'bin/run.js')]}
  const {signal} = new AbortController()

  it('answers what a command prints as JSON', async () => {
    expect(await runAbd(['methods', 'trigger', 'sig'], {program, signal})).toBeTruthy()
  })

  it("throws a command's own error", async () => {
    await expect(runAbd(['distill', 'run', 'missing.pt'], {program, signal})).rejects.toMatchObject({
      code: 'E_FILE_MISSING',
      message: expect.stringContaining('missing.pt') as string,
    })
  })

  it('throws where a program prints no JSON', async () => {
    const silent = {node: process.execPath, arguments: ['-e', 'process.exitCode = 7', '--']}
    await expect(runAbd([], {program: silent, signal})).rejects.toMatchObject({code: 'E_JOB'})
    const wordy = {node: process.execPath, arguments: ['-e', 'console.log("no JSON")', '--']}
    await expect(runAbd([], {program: wordy, signal})).rejects.toMatchObject({code: 'E_JOB'})
  })
})
