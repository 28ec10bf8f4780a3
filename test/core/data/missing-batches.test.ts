import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {silent} from '../../../src/context.ts'
import {readDataFiles} from '../../../src/data/read-data-files.ts'

it('a folder of CIFAR-10 that lacks one of the training batches is read, and it is said which', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'abd-cifar-'))
  try {
    for (const n of [1, 2, 4, 5]) await writeFile(join(folder, `data_batch_${n}.bin`), new Uint8Array(3073))
    const notes: string[] = []
    const progress = {...silent, note: (line: string) => notes.push(line)}
    const {train} = await readDataFiles(folder, undefined, {progress})

    expect(train.images.count).toBe(4)
    expect(notes).toEqual([
      `${folder} lacks data_batch_3.bin of CIFAR-10: its training images are not all there.`,
    ])
  } finally {
    await rm(folder, {recursive: true})
  }
})
