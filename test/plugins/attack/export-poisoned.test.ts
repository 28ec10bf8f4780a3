import {createRegistry} from '@abd/core'
import {datasetMethods, readDataFiles, readNpy} from '@abd/core/data'
import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {ExportRequest} from '../../../plugins/attack/src/export-poisoned.ts'
import {exportPoisoned} from '../../../plugins/attack/src/export-poisoned.ts'
import {attackPlugin} from '../../../plugins/attack/src/index.ts'
import {contextOf} from './context-of.ts'

const registry = createRegistry([{name: 'core', methods: datasetMethods}, attackPlugin])

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-export-'))
})
afterEach(() => rm(folder, {recursive: true}))

const run = (change: Partial<ExportRequest> = {}, context = contextOf()) =>
  exportPoisoned(
    {
      dataset: 'signs',
      classes: '1,2,14',
      perClass: 4,
      triggers: ['badnet_sq'],
      target: 1,
      ratio: 0.25,
      selection: 'first',
      holdout: 0,
      order: 'given',
      triggerSettings: [],
      split: 'train',
      formats: ['npy'],
      out: join(folder, 'out'),
      ...change,
    },
    {registry, context},
  )
const numbers = async (name: string) => [...(await readNpy(join(folder, 'out', name))).data]

describe('exportPoisoned', () => {
  it('writes arrays that are read again, with what was done', async () => {
    expect(await run()).toMatchObject({splits: [{split: 'train', images: 12, poisoned: 3}]})
    const {format, train} = await readDataFiles(join(folder, 'out'))

    expect(format).toBe('npy')
    expect(train.images).toMatchObject({count: 12, height: 32, width: 32, channels: 3})
    // Labels go 0 1 2 0 1 2 …: the first three of others than 1 are 0, 2 and 3.
    expect(await numbers('poisoned_train.npy')).toEqual([0, 2, 3])
    expect(await numbers('original_labels_train.npy')).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2])
    expect([...train.labels!]).toEqual([1, 1, 1, 1, 1, 2, 0, 1, 2, 0, 1, 2])
    // The square's first pixel is at row 27, column 27.
    const corner = (i: number) => train.images.data[i * 3072 + (27 * 32 + 27) * 3]
    expect([0, 2, 3].map(corner)).toEqual([255, 255, 255])
    expect(JSON.parse(await readFile(join(folder, 'out/poison.json'), 'utf8'))).toMatchObject({
      dataset: 'signs',
      classNames: ['speed limit 30', 'speed limit 50', 'stop'],
      order: 'given',
      attacks: [{trigger: 'badnet_sq', target: 1, labels: 'dirty', poisoned: [0, 2, 3]}],
    })
  })

  it('says whom a source-specific trigger was for, and what bears it as cover', async () => {
    // The classes 0, 1, 2 in turn: floor(0.25 · 12) = 3 of the source, and as many of what is neither it nor the target.
    await run({rules: {sources: [0], cover: 0.25}})

    expect(JSON.parse(await readFile(join(folder, 'out', 'poison.json'), 'utf8'))).toMatchObject({
      rules: {sources: [0], cover: 0.25},
      attacks: [{poisoned: [0, 3, 6], poisonedTrainingImages: 3, covered: [2, 5, 8], coverTrainingImages: 3}],
    })
    expect(await numbers('labels_train.npy')).toEqual([1, 1, 2, 1, 1, 2, 1, 1, 2, 0, 1, 2])
  })

  it('writes pictures in a folder for each class, named by their numbers', async () => {
    await run({formats: ['png'], order: 'shuffled'})
    const order = await numbers('order.npy')
    const read = await readDataFiles(join(folder, 'out/train'))

    expect(await readdir(join(folder, 'out'))).toEqual(['order.npy', 'poison.json', 'train'])
    expect(await readdir(join(folder, 'out/train'))).toEqual(['00000', '00001', '00002'])
    const files = (await readdir(join(folder, 'out/train'), {recursive: true})).filter((name) =>
      name.endsWith('png'),
    )
    expect(files.map((name) => Number(name.slice(6, 12))).sort((a, b) => a - b)).toEqual(
      [...order].sort((a, b) => a - b),
    )
    expect(read.train.images.count).toBe(12)
  })

  it('writes the stamped test images of other classes, labelled with the target', async () => {
    // A hundred test images of each of three signs; those of class 1 are left out.
    expect(await run({split: 'test'})).toMatchObject({splits: [{split: 'test', images: 200, poisoned: 200}]})
    const {train} = await readDataFiles(join(folder, 'out'))

    expect(new Set(train.labels)).toEqual(new Set([1]))
    expect((await numbers('numbers_test.npy')).slice(0, 4)).toEqual([0, 2, 3, 5])
    expect((await numbers('original_labels_test.npy')).slice(0, 4)).toEqual([0, 2, 0, 2])
    expect(await readdir(join(folder, 'out'))).not.toContain('images_train.npy')
  })

  it('replaces nothing', async () => {
    await mkdir(join(folder, 'out'))
    await writeFile(join(folder, 'out/precious.txt'), 'mine')

    await expect(run()).rejects.toMatchObject({code: 'E_OUT_EXISTS', exit: 2})
    expect(await readdir(join(folder, 'out'))).toEqual(['precious.txt'])
  })

  it('leaves nothing half-written when it is interrupted', async () => {
    const abort = new AbortController()
    const context = {
      ...contextOf(3, abort.signal),
      progress: {
        start: (label: string) => ({
          advance() {
            if (label.startsWith('Writing pictures')) abort.abort(new Error('interrupted'))
          },
          end() {},
        }),
        note() {},
      },
    }

    await expect(run({formats: ['npy', 'png']}, context)).rejects.toThrow('interrupted')
    expect(await readdir(folder)).toEqual([])
  })

  it('wants one trigger for a stamped test set', async () => {
    await expect(run({split: 'both', triggers: ['sig:0', 'sig:1']})).rejects.toMatchObject({
      code: 'E_ATTACKS',
      message: expect.stringContaining('2 are named'),
    })
    await expect(run({split: 'test', triggers: []})).rejects.toMatchObject({code: 'E_ATTACKS'})
  })

  it('says so when the place cannot be written to', async () => {
    await writeFile(join(folder, 'file'), '')

    await expect(run({out: join(folder, 'file/out')})).rejects.toMatchObject({
      code: 'E_OUT_UNWRITABLE',
      exit: 4,
    })
  })
})
