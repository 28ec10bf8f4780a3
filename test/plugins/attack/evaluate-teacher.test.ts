import type {Context} from '@abd/core'
import {createRegistry, silent} from '@abd/core'
import {datasetMethods, encodeNpy, loadSigns} from '@abd/core/data'
import type {Engine} from '@abd/core/engine'
import {createRandom, openEngine} from '@abd/core/engine'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {EvaluationRequest} from '../../../plugins/attack/src/evaluate-teacher.ts'
import {evaluateTeacher} from '../../../plugins/attack/src/evaluate-teacher.ts'
import {attackPlugin} from '../../../plugins/attack/src/index.ts'

const registry = createRegistry([{name: 'core', methods: datasetMethods}, attackPlugin])
const path = fileURLToPath(new URL('../../../examples/teacher-poisoned.pt', import.meta.url))

let engine: Engine
let folder = ''
let data = ''
beforeAll(async () => {
  engine = await openEngine('auto')
  folder = await mkdtemp(join(tmpdir(), 'abd-evaluate-'))
  // Six test images of each of the ten signs.
  const {test} = await loadSigns({perClass: 0, testPerClass: 6, seed: 'evaluate'})
  await save('images_test.npy', encodeNpy([60, 32, 32, 3], test.images.data))
  await save('labels_test.npy', encodeNpy([60], test.labels))
  data = folder
})
afterAll(() => rm(folder, {recursive: true}))

const save = (name: string, pieces: readonly Uint8Array[]) =>
  writeFile(join(folder, name), Buffer.concat(pieces))

const evaluate = (change: Partial<EvaluationRequest> = {}, signal = new AbortController().signal) => {
  const context: Context = {engine, random: createRandom(0), progress: silent, signal}
  return evaluateTeacher(
    {teacher: {path}, data, triggers: [], targets: [0], settings: [], ...change},
    {registry, context},
  )
}

describe('evaluateTeacher', () => {
  it('measures accuracy and, for each trigger and target, the share of other classes’ images, in percent', async () => {
    const {accuracyPercent, images, attacks} = await evaluate({triggers: ['badnet_grid'], targets: [0, 5]})

    expect(images).toBe(60)
    expect(accuracyPercent).toBeGreaterThan(95)
    expect(attacks.map(({trigger, target, images: stamped}) => [trigger, target, stamped])).toEqual([
      ['badnet_grid', 0, 54],
      ['badnet_grid', 5, 54],
    ])
    // The example is poisoned towards class 0 (examples/README.md); no image can be taken for both.
    expect(attacks[0]!.asrPercent).toBeGreaterThan(90)
    expect(attacks[1]!.asrPercent).toBeLessThan(10)
  })

  it('measures a source-specific trigger on its source classes', async () => {
    const {attacks} = await evaluate({triggers: ['badnet_grid'], targets: [0], sources: [1, 2]})

    // Six images of each class.
    expect(attacks).toMatchObject([{trigger: 'badnet_grid', target: 0, images: 12}])
  })

  it('measures nothing but accuracy where no trigger is named', async () => {
    expect((await evaluate()).attacks).toEqual([])
  })

  it.each([
    [{triggers: ['badnet_gird']}, 'E_TRIGGER_UNKNOWN'],
    [{triggers: ['sig:10']}, 'E_TARGET'],
    [{triggers: ['sig:0'], sources: [1, 10]}, 'E_SOURCE'],
    [{data: 'nowhere'}, 'E_PATH'],
    [{teacher: {path: 'nowhere.pt'}}, 'E_FILE_MISSING'],
  ])('refuses %j', async (change, code) => {
    await expect(evaluate(change)).rejects.toMatchObject({code})
  })

  it('refuses data whose labels the model has not', async () => {
    const other = join(folder, 'other')
    await mkdir(other)
    await writeFile(
      join(other, 'images_test.npy'),
      Buffer.concat(encodeNpy([1, 32, 32, 3], new Uint8Array(3072))),
    )
    await writeFile(join(other, 'labels_test.npy'), Buffer.concat(encodeNpy([1], Int32Array.of(10))))

    await expect(evaluate({data: other})).rejects.toMatchObject({
      code: 'E_DATA',
      message: expect.stringContaining('the label 10, but there are 10 classes'),
    })
  })

  it('refuses data in which all are of the target already', async () => {
    const one = join(folder, 'one')
    await mkdir(one)
    await writeFile(
      join(one, 'images_test.npy'),
      Buffer.concat(encodeNpy([1, 32, 32, 3], new Uint8Array(3072))),
    )
    await writeFile(join(one, 'labels_test.npy'), Buffer.concat(encodeNpy([1], Int32Array.of(3))))

    await expect(evaluate({data: one, triggers: ['sig:3']})).rejects.toMatchObject({code: 'E_TARGET'})
  })

  it('ends when it is interrupted', async () => {
    await expect(evaluate({}, AbortSignal.abort(new Error('interrupted')))).rejects.toThrow('interrupted')
  })
})
