import {existsSync, mkdirSync} from 'node:fs'
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {tensorData} from '../../fixtures/tensor-data.ts'
import {trainFor} from './train-for.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-training-'))
})
afterEach(() => rm(folder, {recursive: true}))

const small = {
  architecture: 'wrn-10-1',
  triggers: ['badnet_grid'],
  settings: ['epochs=4', 'batch=16', 'learningRate=0.02'],
} as const
const file = (name: string) => join(folder, name)
const checkpoint = 'teacher.checkpoint.safetensors'
const weights = async (name: string) => tensorData(await readFile(file(name)))

/** Aborted as soon as it has told of its second epoch. */
async function interrupted(keep: 'last' | 'best'): Promise<string[]> {
  const abort = new AbortController()
  const notes: string[] = []
  const note = (line: string) => {
    notes.push(line)
    if (line.startsWith('epoch 2/4')) abort.abort(new Error('interrupted'))
  }
  const out = file('teacher.safetensors')
  await expect(trainFor(out, {...small, keep, signal: abort.signal, note})).rejects.toThrow('interrupted')
  return notes
}

describe('a teacher whose training was interrupted', () => {
  it.each(['last', 'best'] as const)('is the very same once it went on: %s', async (keep) => {
    const whole = await trainFor(file('whole.safetensors'), {...small, keep})
    const notes = await interrupted(keep)
    expect(notes.at(-1)).toBe(
      'Kept as it was after epoch 2 of 4: the same command with --resume goes on from there.',
    )
    expect(existsSync(file('teacher.safetensors'))).toBe(false)

    const told: string[] = []
    const resumed = await trainFor(file('teacher.safetensors'), {
      ...small,
      keep,
      resume: true,
      note: (line) => told.push(line),
    })

    expect(told.filter((line) => line.startsWith('epoch')).map((line) => line.slice(0, 9))).toEqual([
      'epoch 3/4',
      'epoch 4/4',
    ])
    expect({...resumed, files: []}).toEqual({...whole, files: []})
    expect(await weights('teacher.safetensors')).toBe(await weights('whole.safetensors'))
    expect(existsSync(file(checkpoint))).toBe(false)
  })

  it('is written where only that was missing', async () => {
    const whole = await trainFor(file('whole.safetensors'), small)
    // As where the disk is full in the end: a folder comes into the card's place, so that nothing can be put there.
    const note = (line: string) => {
      if (line.startsWith('epoch 4/4')) mkdirSync(file('teacher.abd.yml/in-the-way'), {recursive: true})
    }
    await expect(trainFor(file('teacher.safetensors'), {...small, note})).rejects.toThrow()
    expect(existsSync(file(checkpoint))).toBe(true)

    await rm(file('teacher.abd.yml'), {recursive: true})
    const resumed = await trainFor(file('teacher.safetensors'), {...small, resume: true})

    expect(resumed.epochs).toEqual(whole.epochs)
    expect(await weights('teacher.safetensors')).toBe(await weights('whole.safetensors'))
  })

  it('is not taken for another one', async () => {
    await interrupted('last')
    const resume = (change: object) =>
      trainFor(file('teacher.safetensors'), {...small, resume: true, ...change})

    await expect(resume({settings: ['epochs=5', ...small.settings.slice(1)]})).rejects.toMatchObject({
      code: 'E_CHECKPOINT',
      exit: 2,
      message: expect.stringContaining('training.epochs is 4 there and 5 here') as string,
    })
    await expect(resume({triggers: ['sig']})).rejects.toThrow(/trainingImages is "\w+" there and/)
    expect(existsSync(file(checkpoint))).toBe(true)
  })

  it('needs a checkpoint', async () => {
    const resume = () => trainFor(file('teacher.safetensors'), {...small, resume: true})
    await expect(resume()).rejects.toMatchObject({
      code: 'E_CHECKPOINT',
      message: expect.stringContaining('teacher.checkpoint.safetensors is not there') as string,
    })

    await writeFile(file(checkpoint), '')
    await expect(resume()).rejects.toMatchObject({exit: 4})

    await trainFor(file('other.safetensors'), {...small, settings: ['epochs=1', ...small.settings.slice(1)]})
    await writeFile(file(checkpoint), await readFile(file('other.safetensors')))
    await expect(resume()).rejects.toThrow('is no checkpoint of a training')
  })

  it('is begun anew where it is of an adaptive attack', async () => {
    await expect(
      trainFor(file('teacher.safetensors'), {...small, adaptive: 'flat-margin', resume: true}),
    ).rejects.toMatchObject({code: 'E_OPTIONS', exit: 2})
  })
})
