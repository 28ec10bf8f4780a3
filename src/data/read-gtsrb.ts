import {stat} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import type {DataFiles, DataSplit} from './data-files.ts'
import {badData} from './data-files.ts'
import {readGtsrbList} from './gtsrb-list.ts'
import {pictureFiles} from './picture-files.ts'
import {readNpyFolder} from './read-npy-folder.ts'
import type {Reading} from './read-pictures.ts'
import {readPictures} from './read-pictures.ts'
import {signClasses} from './sign-classes.ts'

const SHAPE = {height: 32, width: 32, channels: 3}
const classNames = signClasses.map(({name}) => name)

/** Where the parts of GTSRB lie. */
export interface GtsrbPlaces {
  /** The folder of the arrays that the reference implementation caches. */
  readonly arrays?: string
  /** The folder of the class folders 00000 … 00042. */
  readonly train?: string
  readonly test?: {readonly pictures: string; readonly list: string}
}

/**
 * GTSRB in a folder or its sub-folder GTSRB, as its authors pack it (Final_Training/Images, Final_Test/Images), as
 * torchvision unpacks it (GTSRB/Training) or as the reference implementation caches it (GTSRB/images_train.npy); the
 * test's labels are in GT-final_test.csv at any of these levels. Undefined where neither pictures nor arrays are there.
 */
export async function findGtsrb(folder: string): Promise<GtsrbPlaces | undefined> {
  const bases = [folder, join(folder, 'GTSRB')]
  const first = async (paths: readonly string[]) => {
    for (const path of paths) if (await stat(path).catch(() => undefined)) return path
    return undefined
  }
  const below = (...names: readonly string[]) =>
    first(bases.flatMap((base) => names.map((name) => join(base, name))))
  const named = /^gtsrb$/i.test(basename(folder)) ? bases : bases.slice(1)
  const array = await first(named.map((base) => join(base, 'images_train.npy')))
  if (array !== undefined) return {arrays: dirname(array)}
  const train = await below('Final_Training/Images', 'Training')
  const pictures = await below('Final_Test/Images')
  if (pictures === undefined) return train === undefined ? undefined : {train}
  const list = await below(
    'GT-final_test.csv',
    'Final_Test/GT-final_test.csv',
    'Final_Test/Images/GT-final_test.csv',
  )
  if (list === undefined)
    throw badData(
      folder,
      'has the test pictures of GTSRB but not their labels',
      `Put GT-final_test.csv into it; leave ${pictures} away to have training pictures only.`,
    )
  return {...(train === undefined ? {} : {train}), test: {pictures, list}}
}

/**
 * GTSRB: whole pictures (no crop to the sign) resized to 32x32 RGB with a bicubic filter, as the reference implementation
 * prepares them (Pillow rounds between its two passes, so that bytes may differ by one); training labels from the
 * folders, in the order of classes and names. Throws E_DATA and E_IMAGE.
 */
export async function readGtsrb({arrays, train, test}: GtsrbPlaces, reading: Reading): Promise<DataFiles> {
  if (arrays !== undefined) return {...(await readNpyFolder(arrays)), format: 'gtsrb', classNames}
  const splits = [
    ...(train === undefined ? [] : [await readTraining(train, reading)]),
    ...(test === undefined ? [] : [await readTest(test, reading)]),
  ]
  return {format: 'gtsrb', classNames, train: splits[0]!, ...(splits[1] ? {test: splits[1]} : {})}
}

async function readTraining(folder: string, reading: Reading): Promise<DataSplit> {
  const files: string[] = []
  const labels: number[] = []
  for (const label of signClasses.keys()) {
    const name = String(label).padStart(5, '0')
    const place = join(folder, name)
    const found = await pictureFiles(place).catch(() => [])
    if (found.length === 0)
      throw badData(
        folder,
        `has no pictures of class ${label} in ${name}`,
        `GTSRB has ${signClasses.length} classes, a folder each; unpack the whole archive.`,
      )
    await checkList(place, label, found)
    files.push(...found)
    labels.push(...found.map(() => label))
  }
  return {
    images: await readPictures(files, SHAPE, {...reading, filter: 'bicubic'}),
    labels: Int32Array.from(labels),
  }
}

/** The list beside the pictures, where there is one, names none that is missing and no other class. */
async function checkList(folder: string, label: number, files: readonly string[]): Promise<void> {
  const list = join(folder, `GT-${basename(folder)}.csv`)
  if (!(await stat(list).catch(() => undefined))) return
  const there = new Set(files.map((file) => basename(file)))
  for (const {name, label: listed} of await readGtsrbList(list)) {
    if (!there.has(name)) throw missing(list, name)
    if (listed !== label)
      throw badData(
        list,
        `gives ${name} the class ${listed}, but it lies in the folder of class ${label}`,
        WHOLE,
      )
  }
}

async function readTest(
  {pictures, list}: NonNullable<GtsrbPlaces['test']>,
  reading: Reading,
): Promise<DataSplit> {
  const rows = await readGtsrbList(list)
  const there = new Set((await pictureFiles(pictures)).map((file) => basename(file)))
  const absent = rows.find(({name}) => !there.has(name))
  if (absent) throw missing(list, absent.name)
  const listed = new Set(rows.map(({name}) => name)).size
  if (listed < there.size)
    reading.progress?.note(
      `${list} names ${listed} of the ${there.size} pictures of ${pictures}: the others are left out.`,
    )
  const files = rows.map(({name}) => join(pictures, name))
  return {
    images: await readPictures(files, SHAPE, {...reading, filter: 'bicubic'}),
    labels: Int32Array.from(rows, ({label}) => label),
  }
}

const WHOLE = 'Unpack the whole archive again.'
const missing = (list: string, name: string) => badData(list, `names ${name}, which is not there`, WHOLE)
