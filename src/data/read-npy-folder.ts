import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import type {DataFiles, DataSplit} from './data-files.ts'
import {npySplit} from './npy-split.ts'
import {readNpy} from './read-npy.ts'

/** What the arrays of a folder are called: GTSRB as the reference implementation keeps it. */
export const npyImages = /^images_(train|test)\.npy$/

/** A folder of images_train.npy, labels_train.npy, images_test.npy and labels_test.npy. Throws E_DATA. */
export async function readNpyFolder(folder: string): Promise<DataFiles> {
  const files = await readdir(folder)
  const array = (name: string) => readNpy(join(folder, name))
  const read = async (split: string): Promise<DataSplit | undefined> => {
    const [images, labels] = [`images_${split}.npy`, `labels_${split}.npy`]
    if (!files.includes(images)) return undefined
    return npySplit(
      join(folder, images),
      await array(images),
      files.includes(labels) ? await array(labels) : undefined,
    )
  }
  const [train, test] = [await read('train'), await read('test')]
  return {format: 'npy', train: (train ?? test)!, ...(train && test ? {test} : {})}
}
