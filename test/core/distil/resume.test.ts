import {createRegistry} from '@abd/core'
import type {Progress} from '@abd/core'
import {distilStudent} from '@abd/core/distil'
import {createRandom, openEngine} from '@abd/core/engine'
import {readModelFile} from '@abd/core/modelfile'
import {createHash} from 'node:crypto'
import {copyFile, mkdtemp, readdir, readFile, rm, truncate, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {defendPlugin} from '../../../plugins/defend/src/index.ts'
import {distillPlugin} from '../../../plugins/distill/src/index.ts'

let engine: Awaited<ReturnType<typeof openEngine>>
let folder: string
beforeAll(async () => {
  engine = await openEngine('auto')
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-resume-'))
})
afterEach(() => rm(folder, {recursive: true}))

const example = (name: string) => join(import.meta.dirname, '../../../examples', name)

/** Six steps; `stopAfter` so many of them comes Ctrl-C, or when `stopAt` is told. */
const run = ({
  stopAfter,
  stopAt,
  ...changes
}: {stopAfter?: number; stopAt?: string} & Record<string, unknown> = {}) => {
  const abort = new AbortController()
  const notes: string[] = []
  let steps = 0
  const progress: Progress = {
    start: (label) => ({
      advance: () => {
        if (label.startsWith('Distilling') && ++steps === stopAfter) abort.abort()
      },
      end: () => undefined,
    }),
    note: (line) => {
      notes.push(line)
      if (stopAt !== undefined && line.startsWith(stopAt)) abort.abort()
    },
  }
  const request = {
    teacher: example('teacher-clean.safetensors'),
    method: 'ood',
    student: 'wrn-10-1',
    defences: ['shuffling_vaccine'],
    settings: ['source=procedural', 'patches=8', 'batch=4', 'epochs=3'],
    out: join(folder, 'student.safetensors'),
    resume: false,
    keepCheckpoint: false,
    dryRun: false,
    ...changes,
  }
  const before = engine.memory().tensors
  return distilStudent(request, {
    registry: createRegistry([distillPlugin, defendPlugin]),
    context: {engine, random: createRandom(1), progress, signal: abort.signal},
  }).then(
    (distilled) => {
      expect(engine.memory().tensors, 'tensors left behind').toBe(before)
      return {...distilled, notes, steps}
    },
    (error: unknown) => {
      expect(engine.memory().tensors, 'tensors left behind').toBe(before)
      throw Object.assign(error as Error, {notes})
    },
  )
}

const student = () => readFile(join(folder, 'student.safetensors'))
const checkpoint = () => join(folder, 'student.checkpoint.safetensors')

describe('a run that was interrupted', () => {
  test('leaves a checkpoint, and goes on to the very same student', async () => {
    const whole = await run({measureEvery: 2})
    const expected = await student()
    expect(await readdir(folder)).toEqual(['student.abd.yml', 'student.safetensors'])
    await rm(folder, {recursive: true})
    folder = await mkdtemp(folder)
    const out = {out: join(folder, 'student.safetensors'), measureEvery: 2}

    const interrupted = run({...out, stopAfter: 3})
    await expect(interrupted).rejects.toThrow(
      expect.objectContaining({
        name: 'AbortError',
        notes: expect.arrayContaining([expect.stringContaining('after step 3 of 6')]) as string[],
      }),
    )
    expect(await readdir(folder)).toEqual(['student.checkpoint.safetensors'])
    const resumed = await run({...out, resume: true})

    expect(resumed.steps).toBe(3)
    expect(resumed.measured).toEqual(whole.measured)
    expect(resumed.measured!.curve.map(({step}) => step)).toEqual([2, 4, 6])
    expect(resumed.identity).toBe(whole.identity)
    expect((await student()).equals(expected), 'the same bytes, although the folder is another').toBe(true)
    expect(await readdir(folder)).toEqual(['student.abd.yml', 'student.safetensors'])
  })

  test('says once what was kept, where Ctrl-C comes while losses are told', async () => {
    const interrupted = run({measureEvery: 2, stopAt: 'step 4'})

    const error = await interrupted.catch((thrown: unknown) => thrown as {name: string; notes: string[]})
    expect(error).toMatchObject({name: 'AbortError'})
    expect((error as {notes: string[]}).notes.filter((line) => line.startsWith('Kept'))).toEqual([
      'Kept as it was after step 4 of 6: the same command with --resume goes on from there.',
    ])
    expect((await run({measureEvery: 2, resume: true})).steps).toBe(2)
  })

  test('goes on with nothing but the options that it was started with, wherever the teacher lies', async () => {
    await expect(run({stopAfter: 2})).rejects.toThrow()
    const moved = join(folder, 'moved.safetensors')
    await copyFile(example('teacher-clean.safetensors'), moved)

    await expect(
      run({resume: true, settings: ['source=procedural', 'patches=8', 'batch=4', 'epochs=4']}),
    ).rejects.toThrow(
      expect.objectContaining({
        code: 'E_CHECKPOINT',
        message: expect.stringContaining('method.options.epochs is 3 there and 4 here') as string,
      }),
    )
    await expect(run({resume: true, teacher: example('teacher-poisoned.safetensors')})).rejects.toThrow(
      'teacher.sha256 is',
    )
    await expect(run({resume: true, teacher: moved, mean: '0,0,0', std: '1,1,1'})).rejects.toThrow(
      'teacher.mean.0 is',
    )
    await copyFile(example('teacher-clean.abd.yml'), join(folder, 'moved.abd.yml'))
    const resumed = await run({resume: true, teacher: moved})
    expect(resumed.measured).not.toBeNull()

    const {metadata} = await readModelFile(resumed.files[0]!)
    expect(metadata['configuration'], 'no paths').not.toContain('moved')
    expect(createHash('sha256').update(String(metadata['configuration'])).digest('hex')).toBe(
      resumed.identity,
    )
    expect(metadata['identity']).toBe(resumed.identity)
  })

  test.each([
    ['is not there', 'E_CHECKPOINT', async () => undefined],
    ['is a model', 'E_CHECKPOINT', () => copyFile(example('teacher-clean.safetensors'), checkpoint())],
    ['is broken off', 'E_FILE_TRUNCATED', () => breakOff()],
    ['is something else', 'E_SAFETENSORS', () => writeFile(checkpoint(), 'a\nb'.repeat(100))],
  ])('does not go on from a checkpoint that %s', async (_, code, prepare) => {
    await prepare()

    await expect(run({resume: true})).rejects.toThrow(expect.objectContaining({code}))
  })

  async function breakOff() {
    await expect(run({stopAfter: 1})).rejects.toThrow()
    await truncate(checkpoint(), 5000)
  }
})

test('a checkpoint that is kept is of the whole run, and gives the student again', async () => {
  const {files, measured} = await run({keepCheckpoint: true, measureEvery: 3})
  const expected = await student()
  expect(files.at(-1)).toBe(checkpoint())
  for (const name of files.slice(0, 2)) await rm(name)

  const again = await run({resume: true, measureEvery: 3})

  expect(again.steps).toBe(0)
  expect(again.measured).toEqual(measured)
  expect(await student()).toEqual(expected)
  expect(await readdir(folder)).toContain('student.checkpoint.safetensors')
})

test('a sheet shows what the student was taught with', async () => {
  const {files} = await run({sheet: join(folder, 'sheet.png')})

  expect(files.at(-1)).toBe(join(folder, 'sheet.png'))
  expect((await readFile(join(folder, 'sheet.png'))).subarray(1, 4).toString()).toBe('PNG')
  await expect(run({sheet: 'sheet.jpg'})).rejects.toThrow(expect.objectContaining({code: 'E_OUT'}))
})
