import {environmentError} from '../errors.ts'
import type {Images} from './images.ts'

/** Images from files, with a class each where the files tell. */
export interface DataSplit {
  readonly images: Images
  readonly labels?: Int32Array
}

/** What a path holds. A single set is `train`. */
export interface DataFiles {
  readonly format: 'idx' | 'cifar-10' | 'npz' | 'npy' | 'folder' | 'picture'
  readonly train: DataSplit
  readonly test?: DataSplit
  /** By label, where the files name the classes. */
  readonly classNames?: readonly string[]
}

/** More bytes than this are not read from one file, nor unpacked from one. */
export const MAX_FILE_BYTES = 2 ** 31

/** A file that is not what it should be. `why` goes after the name. */
export const badData = (name: string, why: string, hint: string, cause?: unknown) =>
  environmentError({code: 'E_DATA', message: `${name} ${why}.`, hints: [hint], cause})

/** Throws E_DATA where images and labels are not as many. */
export function checkedSplit(name: string, images: Images, labels: Int32Array): DataSplit {
  if (labels.length !== images.count)
    throw badData(
      name,
      `holds ${images.count} images but ${labels.length} labels`,
      'Check that the files belong together.',
    )
  return {images, labels}
}
