import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {encodePng} from '../../../src/data/encode-png.ts'
import {loadLabelled} from '../../../src/data/load-labelled.ts'
import {readDataFiles} from '../../../src/data/read-data-files.ts'
import {ramp} from './ramp.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-classes-'))
})
afterEach(() => rm(folder, {recursive: true}))

const picture = encodePng({count: 1, height: 2, width: 2, channels: 3, data: new Uint8Array(12)})
const withPictures = async (...names: readonly string[]) => {
  for (const name of names) {
    const path = join(folder, name, '1.png')
    await mkdir(dirname(path), {recursive: true})
    await writeFile(path, picture)
  }
}

describe('the classes of test pictures', () => {
  it('have the numbers of the training’s, where some are missing', async () => {
    await withPictures('train/cat', 'train/dog', 'train/eel', 'test/cat', 'test/eel')
    const {test, classNames} = await readDataFiles(folder)

    expect(classNames).toEqual(['cat', 'dog', 'eel'])
    expect([...test!.labels!]).toEqual([0, 2])
  })

  it('keep their whole numbers', async () => {
    await withPictures('train/0', 'train/1', 'train/2', 'test/00', 'test/2')
    const {test} = await readDataFiles(folder)

    expect([...test!.labels!]).toEqual([0, 2])
  })

  it.each([
    ['a name', ['train/cat', 'train/dog', 'test/cat', 'test/fox'], 'fox'],
    ['a number', ['train/cat', 'train/dog', 'test/0', 'test/1'], '0'],
    ['a name among numbers', ['train/0', 'train/1', 'test/cat', 'test/dog'], 'cat'],
  ])('are refused where the training has no such class: %s', async (_, names, stranger) => {
    await withPictures(...names)
    await expect(readDataFiles(folder)).rejects.toMatchObject({
      code: 'E_DATA',
      message: expect.stringContaining(`${join(folder, 'test', stranger)} is a class`),
    })
  })
})

describe('loadLabelled', () => {
  const probe = ramp(1, 2, 2, 3)

  it('refuses labels that the network has not', async () => {
    await withPictures('7', '10')
    await expect(loadLabelled(folder, probe, 10)).rejects.toMatchObject({
      code: 'E_DATA',
      message: expect.stringContaining('the label 10, but there are 10 classes'),
    })
  })

  it('refuses named classes that are not as many as the network has', async () => {
    await withPictures('cat', 'dog')
    await expect(loadLabelled(folder, probe, 10)).rejects.toMatchObject({
      code: 'E_CLASSES',
      message: expect.stringContaining('has 2 classes, the network 10'),
    })
  })
})
