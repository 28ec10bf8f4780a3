import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {environmentError} from '../errors.ts'
import type {ImageShape} from '../method.ts'
import type {DataFiles, DataSplit} from './data-files.ts'
import {badData} from './data-files.ts'
import {isFolder} from './is-folder.ts'
import {pictureFiles} from './picture-files.ts'
import type {Reading} from './read-pictures.ts'
import {readPictures} from './read-pictures.ts'

const trainNames = ['train', 'training']
const testNames = ['test', 'val', 'valid', 'validation']

/**
 * A folder of PNG and JPEG files: flat, without labels; with a sub-folder a class; or with `train` and `test`, each of
 * which is one of the two. Classes are numbered in the order of their names; where all names are whole numbers, these
 * are the labels. Test classes have the numbers of the training's, of which some may be missing.
 * Throws E_NO_IMAGES, E_IMAGE, and E_DATA for a test class that the training has not.
 */
export async function readFolder(
  folder: string,
  shape: ImageShape | undefined,
  reading: Reading,
): Promise<DataFiles> {
  const inside = await subfolders(folder)
  const pick = (names: readonly string[]) => inside.find((name) => names.includes(name.toLowerCase()))
  const [train, test] = [pick(trainNames), pick(testNames)]
  if (train === undefined || test === undefined)
    return {format: 'folder', ...(await readSet(folder, shape, reading))}
  const first = await readSet(join(folder, train), shape, reading)
  const second = await readSet(
    join(folder, test),
    shape ?? first.train.images,
    reading,
    first.classNames ?? (first.train.labels && 'numbered'),
  )
  return {format: 'folder', ...first, test: second.train}
}

async function readSet(
  folder: string,
  shape: ImageShape | undefined,
  reading: Reading,
  known?: readonly string[] | 'numbered',
): Promise<{readonly train: DataSplit; readonly classNames?: readonly string[]}> {
  const names = await subfolders(folder)
  if (names.length === 0) {
    const files = await pictureFiles(folder)
    if (files.length === 0) throw await empty(folder)
    return {train: {images: await readPictures(files, shape, reading)}}
  }
  const numbered = names.every((name) => /^\d{1,6}$/.test(name))
  const classes = numbered ? names.sort((a, b) => Number(a) - Number(b)) : names.sort()
  const byNumber = numbered && !Array.isArray(known)
  const order = Array.isArray(known) ? known : classes
  const isKnown = (name: string) => (known === 'numbered' ? byNumber : order.includes(name))
  const stranger = classes.find((name) => !isKnown(name))
  if (stranger !== undefined)
    throw badData(
      join(folder, stranger),
      'is a class that there are no training images of',
      'Name the sub-folders of training and test alike.',
    )
  const files: string[] = []
  const labels: number[] = []
  for (const name of classes)
    for (const file of await pictureFiles(join(folder, name))) {
      files.push(file)
      labels.push(byNumber ? Number(name) : order.indexOf(name))
    }
  if (files.length === 0) throw await empty(folder)
  const images = await readPictures(files, shape, reading)
  return {train: {images, labels: Int32Array.from(labels)}, ...(numbered ? {} : {classNames: classes})}
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, {withFileTypes: true})
  const folders = await Promise.all(entries.map((entry) => isFolder(folder, entry)))
  return entries.filter(({name}, i) => folders[i] && !name.startsWith('.')).map(({name}) => name)
}

const empty = async (folder: string) => {
  const array = (await readdir(folder)).sort().find((name) => /\.npy$/i.test(name))
  return environmentError({
    code: 'E_NO_IMAGES',
    message: `${folder} holds no PNG or JPEG.`,
    hints: [
      ...(array === undefined
        ? []
        : [
            `It has ${array}: a folder of arrays is one of images_train.npy, labels_train.npy, images_test.npy and labels_test.npy.`,
          ]),
      'Give a folder of pictures, or one with a sub-folder of pictures for each class.',
    ],
  })
}
