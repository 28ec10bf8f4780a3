import {buffer} from 'node:stream/consumers'
import yauzl from 'yauzl'
import type {DataFiles} from './data-files.ts'
import {badData, MAX_FILE_BYTES} from './data-files.ts'
import {npySplit} from './npy-split.ts'
import {parseNpy} from './parse-npy.ts'
import type {NpyArray} from './parse-npy.ts'
import {readBytes} from './read-bytes.ts'

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

/** NumPy's .npz of images and labels, under the names that are usual (x_train, y_train, …). Throws E_DATA. */
export async function readNpz(path: string): Promise<DataFiles> {
  const arrays = await arraysOf(path)
  const split = (candidates: readonly (readonly [string, string])[]) => {
    const pair = candidates.find(([images]) => arrays.has(images))
    return pair && npySplit(`${path} (${pair[0]})`, arrays.get(pair[0])!, arrays.get(pair[1]))
  }
  const train = split(names.train)
  const test = split(names.test)
  if (!train && !test)
    throw badData(
      path,
      `holds ${[...arrays.keys()].join(', ') || 'nothing'}, none of which is known to be images`,
      'Name the arrays x_train, y_train, x_test and y_test, or images and labels.',
    )
  return {format: 'npz', train: train ?? test!, ...(train && test ? {test} : {})}
}

async function arraysOf(path: string): Promise<ReadonlyMap<string, NpyArray>> {
  const known: ReadonlySet<string> = new Set([...names.train, ...names.test].flat())
  const bytes = Buffer.from(await readBytes(path))
  const arrays = new Map<string, NpyArray>()
  try {
    const archive = await yauzl.fromBufferPromise(bytes, {lazyEntries: true})
    for await (const entry of archive.eachEntry()) {
      const name = entry.fileName.replace(/\.npy$/, '').toLowerCase()
      if (!known.has(name)) continue
      if (entry.uncompressedSize > MAX_FILE_BYTES) throw new Error(`${entry.fileName} is larger than 2 GiB`)
      arrays.set(
        name,
        parseNpy(await buffer(await archive.openReadStreamPromise(entry)), `${path} (${entry.fileName})`),
      )
    }
  } catch (error) {
    if (error instanceof Error && 'hints' in error) throw error
    throw badData(
      path,
      `cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`,
      'Is the file whole?',
      error,
    )
  }
  return arrays
}

// @types/yauzl is behind the package.
declare module 'yauzl' {
  interface ZipFile {
    eachEntry(): AsyncIterable<Entry>
    openReadStreamPromise(entry: Entry): Promise<NodeJS.ReadableStream>
  }
  function fromBufferPromise(buffer: Buffer, options: Options): Promise<ZipFile>
}
