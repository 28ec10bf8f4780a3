import type {DataFiles} from './data-files.ts'
import {badData} from './data-files.ts'
import {npySplit} from './npy-split.ts'
import type {NpyArray} from './parse-npy.ts'

const names = {
  train: [
    ['x_train', 'y_train'],
    ['train_images', 'train_labels'],
    ['images', 'labels'],
    ['x', 'y'],
    ['data', 'labels'],
    ['arr_0', 'arr_1'],
  ],
  test: [
    ['x_test', 'y_test'],
    ['test_images', 'test_labels'],
  ],
} as const

/** What arrays of images and labels are usually called, in small letters; others need not be read. */
export const arrayNames: ReadonlySet<string> = new Set([...names.train, ...names.test].flat())

/** The arrays of one file. */
export interface NamedArrays {
  /** Those of `arrayNames`, by their names in small letters. */
  readonly arrays: ReadonlyMap<string, NpyArray>
  /** The names of all that there are, as the file has them. */
  readonly present: readonly string[]
}

/**
 * Training and test set out of the arrays of one file, by their usual names (`arrayNames`). Throws E_DATA where none of
 * them is known, and names those that are `present`.
 */
export function splitsByName(
  path: string,
  {arrays, present}: NamedArrays,
): Pick<DataFiles, 'train' | 'test'> {
  const split = (candidates: readonly (readonly [string, string])[]) => {
    const pair = candidates.find(([images]) => arrays.has(images))
    return pair && npySplit(`${path} (${pair[0]})`, arrays.get(pair[0])!, arrays.get(pair[1]))
  }
  const train = split(names.train)
  const test = split(names.test)
  if (!train && !test)
    throw badData(
      path,
      present.length > 0 ? `holds ${named(present)}, none of which is known to be images` : 'holds no arrays',
      'Name the arrays x_train, y_train, x_test and y_test, or images and labels.',
    )
  return {train: train ?? test!, ...(train && test ? {test} : {})}
}

/** So many that a message stays one. */
const NAMED = 8

const named = (names: readonly string[]): string =>
  names.length > NAMED
    ? `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`
    : names.join(', ')
