import {environmentError} from '../errors.ts'
import type {Images} from './images.ts'

/** Images from files, with a class each where the files tell. */
export interface DataSplit {
  readonly images: Images
  readonly labels?: Int32Array
}

/** What a path holds. A single set is `train`. */
export interface DataFiles {
  readonly format: 'idx' | 'cifar-10' | 'cifar-100' | 'gtsrb' | 'npz' | 'npy' | 'hdf5' | 'folder' | 'picture'
  readonly train: DataSplit
  readonly test?: DataSplit
  /** By label, where the files name the classes. */
  readonly classNames?: readonly string[]
}

/** More bytes than this are not read from one file, nor unpacked from one. */
export const MAX_FILE_BYTES = 2 ** 31

const MAX_CLASSES = 1_000_000

/** A file that is not what it should be. `why` goes after the name. */
export const badData = (name: string, why: string, hint: string, cause?: unknown) =>
  environmentError({code: 'E_DATA', message: `${name} ${why}.`, hints: [hint], cause})

/** Throws E_DATA where there is no image, or none that has a pixel. */
export function checkedImages(name: string, images: Images): Images {
  const {count, height, width, channels} = images
  if (count * height * width * channels > 0) return images
  throw badData(
    name,
    `holds ${count} images of ${height}x${width}x${channels}`,
    'Give at least one image, of at least one pixel.',
  )
}

/** Throws E_DATA where images and labels are not as many, or a label is no class number. */
export function checkedSplit(name: string, images: Images, labels: ArrayLike<number>): DataSplit {
  if (labels.length !== images.count)
    throw badData(
      name,
      `holds ${images.count} images but ${labels.length} labels`,
      'Check that the files belong together.',
    )
  const wrong = Array.from(labels).find((label) => !(label >= 0 && label < MAX_CLASSES))
  if (wrong !== undefined)
    throw badData(
      name,
      `has a label of ${wrong}`,
      `Number the classes from 0, below ${MAX_CLASSES}, one whole number an image.`,
    )
  return {images, labels: Int32Array.from(labels)}
}
