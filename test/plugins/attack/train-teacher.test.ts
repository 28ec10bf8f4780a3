import {encodeNpy} from '@abd/core/data'
import {mkdtemp, readdir, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {trainFor} from './train-for.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-teacher-'))
})
afterEach(() => rm(folder, {recursive: true}))

const save = (name: string, pieces: readonly Uint8Array[]) =>
  writeFile(join(folder, name), Buffer.concat(pieces))

it('test images of the target alone are an error before any step: there is no ASR to measure', async () => {
  const images = (count: number) => encodeNpy([count, 32, 32, 3], new Uint8Array(count * 3072))
  await save('images_train.npy', images(8))
  await save('labels_train.npy', encodeNpy([8], Int32Array.of(0, 1, 0, 1, 0, 1, 0, 1)))
  await save('images_test.npy', images(2))
  await save('labels_test.npy', encodeNpy([2], Int32Array.of(1, 1)))

  const out = join(folder, 'new', 'deeper', 'teacher.safetensors')
  const train = trainFor(out, {
    dataset: folder,
    classes: undefined,
    perClass: undefined,
    ratio: 0.25,
    triggers: ['badnet_grid'],
    settings: ['batch=4'],
  })

  await expect(train).rejects.toMatchObject({
    code: 'E_TARGET',
    exit: 2,
    message: expect.stringContaining('could be led to class 1: all are of it') as string,
  })
  expect(await readdir(folder), 'the folder of what was not made').not.toContain('new')
})
