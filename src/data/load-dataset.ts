import {createRandom} from '../engine/create-random.ts'
import {usageError} from '../errors.ts'
import type {ImageShape} from '../method.ts'
import type {DataFiles} from './data-files.ts'
import {badData} from './data-files.ts'
import {fitShape} from './fit-shape.ts'
import type {Dataset, LabelledImages, Normalisation} from './images.ts'
import {checkLabels, labelled} from './load-labelled.ts'
import {measureNormalisation} from './measure-normalisation.ts'
import {normalisations} from './normalisations.ts'
import {readDataFiles} from './read-data-files.ts'
import type {Reading} from './read-pictures.ts'
import {takeLabelled} from './take-images.ts'
import {basename} from 'node:path'

export interface DatasetOptions {
  readonly path: string
  /** Images of other shapes are resized; without it they stay as they are (pictures: as the first). */
  readonly shape?: ImageShape
  /** The share of the images that becomes the test set where the files have none. */
  readonly testShare?: number
  /** Of that choice. */
  readonly seed?: number | string
}

/**
 * A dataset from files (see `readDataFiles`). CIFAR and GTSRB are normalised as the reference implementation does, others
 * by the mean and standard deviation of their training images. Throws what `readDataFiles` throws, E_UNLABELLED, E_CLASSES
 * and E_DATA where a class has no training image.
 */
export async function loadDataset(
  {path, shape, testShare = 0.2, seed = 0}: DatasetOptions,
  reading: Reading = {},
): Promise<Dataset> {
  const files = await readDataFiles(path, shape, reading)
  const all = labelled(path, files.train)
  const [train, test] = files.test ? [all, labelled(path, files.test)] : divide(all, testShare, seed)
  const wanted = shape ?? train.images
  const fit = ({images, labels}: LabelledImages) => ({images: fitShape(images, wanted, reading), labels})
  const classes =
    files.classNames?.length ?? train.labels.reduce((most, label) => Math.max(most, label), 0) + 1
  if (classes < 2)
    throw usageError({
      code: 'E_CLASSES',
      message: `${path} has one class only.`,
      hints: ['Give a sub-folder for each of at least two classes.'],
    })
  for (const {labels} of [train, test]) checkLabels(path, labels, classes)
  checkPresent(path, all.labels, files.classNames ?? classes)
  const fitted = fit(train)
  return {
    name: basename(path),
    classes,
    classNames: files.classNames ?? Array.from({length: classes}, (_, label) => String(label)),
    normalisation: usual[files.format] ?? measureNormalisation(fitted.images),
    train: fitted,
    test: fit(test),
  }
}

/** Where the mean and the standard deviation are those that everybody takes. */
const usual: Partial<Record<DataFiles['format'], Normalisation>> = {
  'cifar-10': normalisations.cifar10,
  'cifar-100': normalisations.cifar100,
  gtsrb: normalisations.gtsrb,
}

/** Throws E_DATA where a class has no image. */
function checkPresent(path: string, labels: Int32Array, classes: number | readonly string[]): void {
  const there = new Set(labels)
  const count = typeof classes === 'number' ? classes : classes.length
  const absent = Array.from({length: count}, (_, c) => c).find((c) => !there.has(c))
  if (absent === undefined) return
  const name = typeof classes === 'number' ? '' : ` (${classes[absent]})`
  throw badData(
    path,
    `has no training image of class ${absent}${name}, one of ${count}`,
    'Number the classes from 0 without a gap, and give at least one image of each.',
  )
}

/** Both parts in their former order. */
function divide(
  all: LabelledImages,
  testShare: number,
  seed: number | string,
): readonly [LabelledImages, LabelledImages] {
  const {count} = all.images
  const order = createRandom(seed).fork('test split').permutation(count)
  const tests = Math.min(count - 1, Math.max(1, Math.round(count * testShare)))
  return [takeLabelled(all, order.slice(tests).sort()), takeLabelled(all, order.slice(0, tests).sort())]
}
