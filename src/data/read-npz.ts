import {buffer} from 'node:stream/consumers'
import yauzl from 'yauzl'
import type {DataFiles} from './data-files.ts'
import {badData, MAX_FILE_BYTES} from './data-files.ts'
import {arrayNames, splitsByName} from './named-arrays.ts'
import type {NamedArrays} from './named-arrays.ts'
import {parseNpy} from './parse-npy.ts'
import type {NpyArray} from './parse-npy.ts'
import {readBytes} from './read-bytes.ts'

/** NumPy's .npz of images and labels, under the names that are usual (x_train, y_train, …). Throws E_DATA. */
export async function readNpz(path: string): Promise<DataFiles> {
  return {format: 'npz', ...splitsByName(path, await arraysOf(path))}
}

async function arraysOf(path: string): Promise<NamedArrays> {
  const bytes = Buffer.from(await readBytes(path))
  const arrays = new Map<string, NpyArray>()
  const present: string[] = []
  try {
    const archive = await yauzl.fromBufferPromise(bytes, {lazyEntries: true})
    for await (const entry of archive.eachEntry()) {
      const own = entry.fileName.replace(/\.npy$/, '')
      present.push(own)
      const name = own.toLowerCase()
      if (!arrayNames.has(name)) continue
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
  return {arrays, present}
}

// @types/yauzl is behind the package.
declare module 'yauzl' {
  interface ZipFile {
    eachEntry(): AsyncIterable<Entry>
    openReadStreamPromise(entry: Entry): Promise<NodeJS.ReadableStream>
  }
  function fromBufferPromise(buffer: Buffer, options: Options): Promise<ZipFile>
}
