import {createRegistry} from '@abd/core'
import type {Progress} from '@abd/core'
import {writeCard} from '@abd/core/audit'
import {distilStudent, retrospectStudent} from '@abd/core/distil'
import {createRandom, openEngine} from '@abd/core/engine'
import {readModelFile} from '@abd/core/modelfile'
import {tinyModel} from '@abd/core/testing'
import {saveModel} from '@abd/core/train'
import {mkdtemp, readdir, readFile, rename, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {attackPlugin} from '../../../plugins/attack/src/index.ts'
import {defendPlugin} from '../../../plugins/defend/src/index.ts'
import {asStage} from '../../../plugins/defend/src/self-retrospection/as-stage.ts'
import {distillPlugin} from '../../../plugins/distill/src/index.ts'
import {tensorData} from '../../fixtures/tensor-data.ts'
import {smallDataset} from '../../plugins/distill/small-dataset.ts'
import {smallPicture} from '../../plugins/distill/small-picture.ts'

let engine: Awaited<ReturnType<typeof openEngine>>
let folder: string
beforeAll(async () => {
  engine = await openEngine('auto')
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-retrospect-'))
  using teacher = tinyModel(createRandom('teacher'))
  const path = join(folder, 'teacher.safetensors')
  await writeCard(path, await saveModel(path, teacher))
})
afterEach(() => rm(folder, {recursive: true}))

const at = (name: string) => join(folder, name)

/** Three or four steps each. */
const settings: Readonly<Record<string, string[]>> = {
  zskt: ['cycles=3', 'studentSteps=2', 'batch=4'],
  cmi: ['epochs=2', 'synthesisSteps=1', 'studentSteps=1', 'synthesisBatch=4', 'batch=4', 'negatives=3'],
  ood: [`source=${smallPicture()}`, 'patches=8', 'batch=4', 'epochs=2', 'shift=1'],
  clean_kd: [`data=${smallDataset()}`, 'batch=4', 'epochs=2', 'shift=1'],
}

const watched = (stopAfter?: number) => {
  const abort = new AbortController()
  let steps = 0
  const progress: Progress = {
    start: (label) => ({
      advance: () => {
        if (/^(Distilling|Looking back)/.test(label) && ++steps === stopAfter) abort.abort()
      },
      end: () => undefined,
    }),
    note: (line) => notes.push(line),
  }
  return {
    registry: createRegistry([distillPlugin, defendPlugin, attackPlugin]),
    context: {engine, random: createRandom(1), progress, signal: abort.signal},
  }
}

const notes: string[] = []
beforeEach(() => {
  notes.length = 0
})

const output = {resume: false, keepCheckpoint: true, dryRun: false}

const distilled = (
  method: string,
  {stopAfter, ...changes}: {stopAfter?: number} & Partial<Parameters<typeof distilStudent>[0]> = {},
) =>
  distilStudent(
    {
      ...output,
      teacher: at('teacher.safetensors'),
      method,
      student: 'wrn-10-1',
      defences: ['shuffling_vaccine'],
      settings: [...settings[method]!, ...(changes.defences?.length === 0 ? [] : ['defence.layers=2'])],
      out: at('student.safetensors'),
      ...changes,
    },
    watched(stopAfter),
  )

const looked = async ({
  stopAfter,
  set = [],
  ...changes
}: {stopAfter?: number; set?: string[]} & Partial<Parameters<typeof retrospectStudent>[0]> = {}) => {
  const before = engine.memory().tensors
  try {
    return await retrospectStudent(
      {
        ...output,
        keepCheckpoint: false,
        checkpoint: at('student.checkpoint.safetensors'),
        learningRate: 5e-4,
        defence: asStage(['rounds=2', ...set]),
        out: at('after.safetensors'),
        ...changes,
      },
      watched(stopAfter),
    )
  } finally {
    expect(engine.memory().tensors, 'tensors left behind').toBe(before)
  }
}

const weights = async (name: string) => {
  const {stateDict} = await readModelFile(at(name))
  return new Map(
    [...stateDict]
      .filter(([key]) => !/running_|num_batches/.test(key))
      .map(([key, {data}]) => [key, [...data].join()]),
  )
}

/** The shape of what a checkpoint holds under a name. */
const shapeOf = async (checkpoint: string, name: string) =>
  (await readModelFile(at(checkpoint))).stateDict.get(name)?.shape

const options = ({configuration: {method, defences}}: Awaited<ReturnType<typeof looked>>) => [
  method.options,
  ...defences.map((defence) => defence.options),
]

describe('a retrospection with the quirks of the reference', () => {
  test.each([
    {compat: 'abd' as const, images: 4, rows: 4},
    {compat: undefined, images: 12, rows: 12},
  ])('after cmi, with compat $compat, has a pool and a bank of $images', async ({compat, images, rows}) => {
    await distilled('cmi')

    // An epoch, and four new images, after two.
    const stage = await looked({keepCheckpoint: true, ...(compat ? {compat} : {})})

    expect(stage.configuration.stage).toMatchObject({from: 4, steps: 2})
    expect(await shapeOf('after.checkpoint.safetensors', 'distiller/pool/images')).toEqual([images, 8, 8, 3])
    expect((await shapeOf('after.checkpoint.safetensors', 'distiller/synthesis/bank/rows'))?.[0]).toBe(rows)
    if (!compat) return
    expect(options(stage)).toMatchObject([
      {freshStage: true, emptyWhenFull: true},
      {inStage: 'anew', layers: 2},
      {rounds: 2, fixedTarget: false},
    ])
    expect(notes.join()).toMatch(/B13 .*B14 .*B14 /)
  })

  test('of a run of cmi that was left within an epoch has the images of that one', async () => {
    // After the synthesis and the first of two steps of the student, of the second epoch.
    const two = ['epochs=2', 'synthesisSteps=1', 'studentSteps=2', 'synthesisBatch=4', 'batch=4']
    const run = distilled('cmi', {settings: [...two, 'negatives=3', 'defence.layers=2'], stopAfter: 5})
    await expect(run).rejects.toThrow()
    expect(await shapeOf('student.checkpoint.safetensors', 'distiller/pool/images')).toEqual([8, 8, 8, 3])

    await looked({keepCheckpoint: true, compat: 'abd'})

    expect(await shapeOf('after.checkpoint.safetensors', 'distiller/pool/images')).toEqual([4, 8, 8, 3])
    expect((await shapeOf('after.checkpoint.safetensors', 'distiller/synthesis/bank/rows'))?.[0]).toBe(4)
  })

  test('after zskt takes the last cycle again, without the vaccine', async () => {
    await distilled('zskt')

    const stage = await looked({compat: 'abd', measureEvery: 1})

    // Three cycles: the third again, and a tenth of them.
    expect(stage.configuration.stage).toMatchObject({from: 2, steps: 2})
    expect(stage.measured!.curve.map(({step}) => step)).toEqual([3, 4])
    expect(stage.measured!.events).toEqual([{step: 2, event: 'The Shuffling Vaccine is OFF in this stage.'}])
    expect(options(stage)).toMatchObject([{repeats: true}, {inStage: 'off'}, {logsAfter: true}])
    expect(notes.join()).toMatch(/B34 .*B45 .*B45 /)
    const byHand = await looked({compat: 'abd', dryRun: true, set: ['logsAfter=false']})
    expect(options(byHand)[2]).toMatchObject({logsAfter: false})
    expect(notes.at(-1)).not.toContain('B34')
  })

  test('after ood weighs heavier than its loss', async () => {
    await distilled('ood')

    const stage = await looked({compat: 'abd'})

    expect(options(stage)[0]).toMatchObject({loss: 'mean', retrospection: 'batchmean'})
    expect(notes.join()).toContain('B22 ')
  })
})

test('a run of zskt that repeats takes its last cycle again when it is taken up again', async () => {
  const repeating = [...settings['zskt']!, 'cycles=4', 'defence.layers=2', 'repeats=true']
  await expect(distilled('zskt', {settings: repeating, measureEvery: 1, stopAfter: 2})).rejects.toThrow()
  notes.length = 0

  const resumed = await distilled('zskt', {settings: repeating, measureEvery: 1, resume: true})

  // Of four cycles two were taken, and the second again.
  expect(notes.filter((note) => note.startsWith('step ')).map((note) => note.split(':')[0])).toEqual([
    'step 2',
    'step 3',
    'step 4',
  ])
  expect(resumed.measured!.curve.map(({step}) => step)).toEqual([1, 2, 3, 4])
  // One that has ended has ended.
  notes.length = 0
  await distilled('zskt', {settings: repeating, measureEvery: 1, resume: true})
  expect(notes.filter((note) => note.startsWith('step '))).toEqual([])
})

describe('a retrospection', () => {
  test.each([
    {method: 'zskt', steps: 1, from: 3, penalty: 1e-3, fixedTarget: true},
    {method: 'cmi', steps: 2, from: 4, penalty: 0, fixedTarget: false},
    {method: 'ood', steps: 1, from: 4, penalty: 0, fixedTarget: false},
  ])('after $method begins with what the run left', async ({method, steps, from, ...options}) => {
    const run = await distilled(method)
    const checkpoint = await readFile(at('student.checkpoint.safetensors'))

    // With no learning rate to speak of, only running statistics move.
    const {configuration, measured, files} = await looked({learningRate: 1e-30, measureEvery: 1})

    expect(await weights('after.safetensors')).toEqual(await weights('student.safetensors'))
    expect(tensorData(await readFile(at('after.safetensors')))).not.toBe(
      tensorData(await readFile(at('student.safetensors'))),
    )
    expect(configuration.stage).toEqual({of: run.identity, from, steps, learningRate: 1e-30})
    expect(configuration.defences.map(({name}) => name)).toEqual(['shuffling_vaccine', 'self_retrospection'])
    expect(configuration.defences[1]!.options).toMatchObject({...options, start: 0, rounds: 2})
    expect(measured!.losses['retrospection']).toBeTypeOf('number')
    expect(measured!.curve.map(({step}) => step)).toEqual(Array.from({length: steps}, (_, i) => from + i + 1))
    expect(files).toEqual([at('after.safetensors'), at('after.abd.yml')])
    expect(await readFile(at('student.checkpoint.safetensors'))).toEqual(checkpoint)
  })

  test('that was interrupted goes on to the very same student', async () => {
    await distilled('zskt')
    const whole = await looked({steps: 3, measureEvery: 1})
    const expected = await readFile(at('after.safetensors'))
    expect(await weights('after.safetensors')).not.toEqual(await weights('student.safetensors'))

    const out = at('again.safetensors')
    await expect(looked({steps: 3, measureEvery: 1, out, stopAfter: 1})).rejects.toThrow(
      expect.objectContaining({name: 'AbortError'}),
    )
    await expect(looked({steps: 2, measureEvery: 1, out, resume: true})).rejects.toThrow(
      'stage.steps is 3 there and 2 here',
    )
    const resumed = await looked({steps: 3, measureEvery: 1, out, resume: true})

    expect(resumed.measured).toEqual(whole.measured)
    expect(resumed.identity).toBe(whole.identity)
    expect(tensorData(await readFile(out))).toBe(tensorData(expected))
    expect(await readdir(folder)).not.toContain('again.checkpoint.safetensors')
  })

  test('takes options as a run does, with the prefix of defences, and those of the trigger', async () => {
    await distilled('ood', {defences: []})

    const {configuration} = await looked({dryRun: true, set: ['defence.rounds=7']})
    expect(configuration.defences[0]!.options).toMatchObject({rounds: 7})
    const measuring = {trigger: 'blend:0', triggerSettings: ['image=kitten.png']}
    await expect(looked({dryRun: true, ...measuring})).rejects.toThrow('kitten.png')
  })

  test('of a run that was interrupted takes the rest of its steps', async () => {
    await expect(distilled('ood', {stopAfter: 1, defences: []})).rejects.toThrow()

    const {configuration} = await looked({dryRun: true})

    expect(configuration.stage).toMatchObject({from: 1, steps: 3})
    expect(configuration.defences.map(({name}) => name)).toEqual(['self_retrospection'])
    expect(await readdir(folder)).not.toContain('after.safetensors')
  })

  test('is refused, with a remedy, where it cannot begin', async () => {
    const refused = async (code: string, says: string, changes: Parameters<typeof looked>[0]) => {
      const error = expect.objectContaining({code, message: expect.stringContaining(says) as string}) as Error
      await expect(looked(changes)).rejects.toThrow(error)
    }
    await refused('E_CHECKPOINT', 'is not there', {})
    await refused('E_CHECKPOINT', 'is no checkpoint: it holds weights', {
      checkpoint: at('teacher.safetensors'),
    })
    await distilled('clean_kd', {defences: []})
    await refused('E_STAGE', 'clean_kd', {})
    await distilled('ood', {defences: []})
    await expect(looked({checkpoint: at('student.safetensors')})).rejects.toMatchObject({
      hints: [`Beside it there is one: ${at('student.checkpoint.safetensors')}`],
    })
    await refused('E_SETTING', 'there is none', {triggerSettings: ['image=kitten.png']})
    await refused('E_OUT_IN_USE', 'would replace the checkpoint', {out: at('student.safetensors')})
    await refused('E_OPTIONS', 'round', {set: ['round=3']})
    await refused('E_LEARNING_RATE', 'NaN', {learningRate: Number.NaN})
    await refused('E_CHECKPOINT', 'is not the teacher of that run', {teacher: at('student.safetensors')})
    await looked({keepCheckpoint: true})
    await refused('E_CHECKPOINT', 'a retrospection itself', {
      checkpoint: at('after.checkpoint.safetensors'),
      out: at('third.safetensors'),
    })
    await rename(at('teacher.safetensors'), at('moved.safetensors'))
    await refused('E_CHECKPOINT', 'is not at', {})
  })
})
