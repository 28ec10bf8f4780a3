import {environmentError, takeLock, usageError} from '@abd/core'
import {createHash} from 'node:crypto'
import {mkdir, mkdtemp, readFile, readdir, rm, writeFile} from 'node:fs/promises'
import {hostname, tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {runPlan} from '../../../plugins/reproduce/src/run-plan.ts'
import type {Run} from '../../../plugins/reproduce/src/run-plan.ts'
import {distilled, smallGrid, trained} from './grid.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-table1-'))
  for (const part of ['cells', 'teachers', 'students']) await mkdir(join(folder, part))
})
afterEach(() => rm(folder, {recursive: true}))

const valueAfter = (command: readonly string[], flag: string) => command[command.indexOf(flag) + 1]!
const hash = (text: string) => createHash('sha256').update(text).digest('hex')

/** Commands that only write and print what theirs would. */
function program({weights = 'weights', fails = ''}: {weights?: string; fails?: string} = {}) {
  const ran: string[] = []
  const run: Run = async (command) => {
    const out = valueAfter(command, '--out')
    ran.push(`${out.slice(folder.length + 1)}${command.includes('--resume') ? ' resumed' : ''}`)
    if (fails && out.includes(fails)) throw new Error('No space left on the device.')
    await writeFile(out, weights)
    return command[0] === 'attack' ? trained(1, 0.9987) : distilled(0.75, 0.5, hash(weights))
  }
  return {ran, run}
}

const neverWaits = () => Promise.reject(new Error('It waits for another process.'))

const start = (
  jobs = smallGrid(),
  {run, pause = neverWaits}: {run: Run; pause?: () => Promise<void>} = program(),
  signal = new AbortController().signal,
) => {
  const notes: string[] = []
  let clock = 0
  return runPlan(
    {folder, jobs},
    {
      run,
      onJob: (name, {done, of, secondsLeft}) => notes.push(`${name} ${done}/${of} ${secondsLeft ?? '?'} s`),
      onFailure: ({name, reason}) => notes.push(`${name}: ${reason}`),
      onElsewhere: (name) => notes.push(`${name} elsewhere`),
      pause,
      signal,
      now: () => (clock += 1500),
    },
  ).then((result) => ({...result, notes}))
}

describe('runPlan', () => {
  it('keeps a cell of each job, with the command that made it', async () => {
    const {cells, failures, notes} = await start()
    expect(failures).toEqual([])
    expect([...cells.keys()]).toEqual([
      'badnet_grid',
      'badnet_grid-ood-0',
      'badnet_grid-ood-abd-0',
      'badnet_grid-clean_kd-0',
    ])
    const kept: unknown = JSON.parse(await readFile(join(folder, 'cells/badnet_grid-ood-0.json'), 'utf8'))
    expect(kept).toEqual(cells.get('badnet_grid-ood-0'))
    expect(kept).toMatchObject({
      version: 1,
      teacher: hash('weights'),
      accuracyPercent: 75,
      asrPercent: 50,
      curve: [{at: 10, accuracyPercent: 37.5, asrPercent: 25}],
      events: ['The Shuffling Vaccine is on.'],
      seconds: 2,
    })
    expect((kept as {command: string[]}).command.slice(0, 3)).toEqual([
      'distill',
      'run',
      'teachers/badnet_grid.safetensors',
    ])
    expect(cells.get('badnet_grid')).toMatchObject({
      accuracyPercent: 100,
      asrPercent: 99.87,
      curve: [{at: 1}, {at: 2, asrPercent: 99.87}],
    })
    // Every job takes a second and a half by this clock, rounded to two.
    expect(notes).toEqual([
      'badnet_grid 0/4 ? s',
      'badnet_grid-ood-0 1/4 6 s',
      'badnet_grid-ood-abd-0 2/4 4 s',
      'badnet_grid-clean_kd-0 3/4 2 s',
    ])
  })

  it('only runs what is missing, and a student from its checkpoint', async () => {
    await start()
    const nothing = program()
    await start(smallGrid(), nothing)
    expect(nothing.ran).toEqual([])

    await rm(join(folder, 'cells/badnet_grid-ood-abd-0.json'))
    await writeFile(join(folder, 'students/badnet_grid-ood-abd-0.checkpoint.safetensors'), '')
    const again = program()
    await start(smallGrid(), again)
    expect(again.ran).toEqual(['students/badnet_grid-ood-abd-0.safetensors resumed'])
  })

  it('goes on with a teacher from its checkpoint', async () => {
    await mkdir(join(folder, 'teachers'), {recursive: true})
    await writeFile(join(folder, 'teachers/badnet_grid.checkpoint.safetensors'), '')
    const first = program()
    await start(smallGrid(), first)
    expect(first.ran[0]).toBe('teachers/badnet_grid.safetensors resumed')
  })

  it('leaves to another process what that one is at, and waits for it in the end', async () => {
    const take = async (name: string) => {
      const lock = await takeLock(join(folder, `cells/${name}.lock`))
      if ('heldBy' in lock) throw new Error('It was free.')
      return lock
    }
    const here = program()
    const elsewhere = program()
    let held = await take('badnet_grid')
    let pauses = 0
    // The other one ends the teacher and begins with a student; at the second pause it gives up.
    const pause = async () => {
      await held[Symbol.asyncDispose]()
      if (pauses++ > 0) return
      await start(smallGrid().slice(0, 1), elsewhere)
      held = await take('badnet_grid-ood-0')
    }
    const {cells, notes} = await start(smallGrid(), {run: here.run, pause})
    expect(pauses).toBe(2)
    expect(elsewhere.ran).toEqual(['teachers/badnet_grid.safetensors'])
    expect(here.ran).toEqual([
      'students/badnet_grid-ood-abd-0.safetensors',
      'students/badnet_grid-clean_kd-0.safetensors',
      'students/badnet_grid-ood-0.safetensors',
    ])
    expect(cells.size).toBe(4)
    expect(notes.filter((note) => note.endsWith('elsewhere'))).toEqual([
      'badnet_grid elsewhere',
      'badnet_grid-ood-0 elsewhere',
    ])
    expect(await readdir(join(folder, 'cells'))).toHaveLength(4)
  })

  it('takes over from a process that died', async () => {
    await writeFile(join(folder, 'cells/badnet_grid.lock'), `${2 ** 22 + 1} ${hostname()}`)
    const {cells} = await start()
    expect(cells.size).toBe(4)
  })

  it('makes a teacher again whose weights are missing, if a student needs it', async () => {
    await start()
    await rm(join(folder, 'teachers/badnet_grid.safetensors'))
    const nothing = program()
    await start(smallGrid(), nothing)
    expect(nothing.ran).toEqual([])

    await rm(join(folder, 'cells/badnet_grid-ood-0.json'))
    const again = program()
    await start(smallGrid(), again)
    expect(again.ran).toEqual(['teachers/badnet_grid.safetensors', 'students/badnet_grid-ood-0.safetensors'])
  })

  it('does not mix students of two teachers', async () => {
    await start()
    await rm(join(folder, 'teachers/badnet_grid.safetensors'))
    await rm(join(folder, 'cells/badnet_grid-ood-0.json'))
    // Made again, then as it lies there.
    for (const written of [['teachers/badnet_grid.safetensors'], []]) {
      const others = program({weights: 'others'})
      const {failures} = await start(smallGrid(), others)
      expect(others.ran).toEqual(written)
      expect(failures).toEqual([
        {name: 'badnet_grid', reason: expect.stringContaining('other weights') as string},
        {name: 'badnet_grid-ood-0', reason: 'its teacher badnet_grid could not be made'},
      ])
    }

    // Nor where the teacher's cell is gone as well, or a student's comes from elsewhere.
    await rm(join(folder, 'cells/badnet_grid.json'))
    const {failures} = await start(smallGrid(), program({weights: 'others'}))
    expect(failures[0]!.reason).toContain('other weights')
    const path = join(folder, 'cells/badnet_grid-ood-abd-0.json')
    await writeFile(path, (await readFile(path, 'utf8')).replace(hash('weights'), hash('others')))
    await expect(start()).rejects.toMatchObject({code: 'E_TEACHER_CHANGED'})
  })

  it('tells what failed, leaves out what needs it, and goes on', async () => {
    const {cells, failures} = await start(
      smallGrid({triggers: ['badnet_grid', 'sig'], methods: ['clean_kd']}),
      program({fails: 'teachers/badnet_grid'}),
    )
    expect([...cells.keys()]).toEqual(['sig', 'sig-clean_kd-0'])
    expect(failures).toEqual([
      {name: 'badnet_grid', reason: 'No space left on the device.'},
      {name: 'badnet_grid-clean_kd-0', reason: 'its teacher badnet_grid could not be made'},
    ])
  })

  it('says what to remove where a checkpoint is of another run', async () => {
    await writeFile(join(folder, 'students/badnet_grid-clean_kd-0.checkpoint.safetensors'), '')
    const {run} = program()
    const refuses: Run = async (command) => {
      if (!command.includes('--resume')) return run(command)
      throw usageError({
        code: 'E_CHECKPOINT',
        message: 'It is of another run.',
        hints: ['Leave out --resume.'],
      })
    }
    const {failures} = await start(smallGrid({methods: ['clean_kd']}), {run: refuses})
    expect(failures[0]!.reason).toMatch(
      /^It is of another run\. Remove .*badnet_grid-clean_kd-0\.checkpoint\.safetensors\.$/,
    )
  })

  it('ends where the disk is full', async () => {
    const full: Run = async () => {
      throw environmentError({code: 'E_DISK_FULL', message: 'No space left.'})
    }
    await expect(start(smallGrid(), {run: full})).rejects.toMatchObject({code: 'E_DISK_FULL'})
  })

  it('tells in words where a command prints something else', async () => {
    const {run} = program()
    const other: Run = async (command) => {
      await run(command)
      return {measured: null}
    }
    const {failures} = await start(smallGrid(), {run: other})
    expect(failures[0]!.reason).toMatch(/^What the command printed is not its result: epochs: .*; engine: /)
  })

  it('refuses a cell of another command, and a file that is no cell', async () => {
    await start()
    const path = join(folder, 'cells/badnet_grid-ood-0.json')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('epochs=', 'epochs=1'))
    await expect(start()).rejects.toMatchObject({
      code: 'E_CELL',
      message: expect.stringMatching(/another command[^]*epochs=1\d+[^]*epochs=\d+/) as string,
    })
    await writeFile(path, '{"version": 1}')
    await expect(start()).rejects.toMatchObject({code: 'E_CELL'})
    await writeFile(path, 'no JSON')
    await expect(start()).rejects.toMatchObject({code: 'E_CELL'})
  })

  it('stops where it is asked to, and keeps what has ended', async () => {
    const abort = new AbortController()
    const {run, ran} = program()
    const until: Run = async (command) => {
      const printed = await run(command)
      if (ran.length < 2) return printed
      abort.abort(new Error('Interrupted.'))
      throw new Error('ended')
    }
    await expect(start(smallGrid(), {run: until}, abort.signal)).rejects.toThrow('Interrupted.')
    expect(ran).toHaveLength(2)
    const rest = program()
    await start(smallGrid(), rest)
    expect(rest.ran).toHaveLength(3)
  })
})
