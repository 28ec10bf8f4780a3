import {once} from 'node:events'
import {createWriteStream} from 'node:fs'
import {mkdir} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {promisify} from 'node:util'
import yauzl from 'yauzl'
import type {Entry, ZipFile} from 'yauzl'
import type {Context} from '../../context.ts'

/** Of TensorFlow's 1.5 GB: its libraries and the C headers that the binding includes; of NVIDIA's wheels everything but headers. */
const needed = [
  /^tensorflow\/libtensorflow_(cc|framework)\.so\.2$/,
  /^tensorflow\/include\/tensorflow\/c\//,
  /^tensorflow\/include\/(tensorflow\/core|tsl)\/platform\/ctstring/,
  /^tensorflow\/include\/xla\/tsl\/c\//,
  /^nvidia\/(?!.*\/include\/)/,
]

/** Unpacks what the engine needs of a wheel below `folder`. yauzl refuses names that lead elsewhere. */
export async function unpackWheel(
  wheel: string,
  folder: string,
  {progress, signal}: Pick<Context, 'progress' | 'signal'>,
): Promise<void> {
  const all = await entriesOf(wheel)
  try {
    const wanted = all.entries.filter(({fileName}) => needed.some((pattern) => pattern.test(fileName)))
    const task = progress.start(
      'Unpacking TensorFlow',
      sum(wanted.map(({uncompressedSize}) => uncompressedSize)),
    )
    try {
      for (const entry of wanted) {
        const path = join(folder, entry.fileName)
        await mkdir(dirname(path), {recursive: true})
        const packed = await all.open(entry)
        packed.on('data', (chunk: Buffer) => task.advance(chunk.length))
        await pipeline(packed, createWriteStream(path), {signal})
      }
    } finally {
      task.end()
    }
  } finally {
    all.close()
  }
}

async function entriesOf(path: string) {
  const zip = await new Promise<ZipFile>((resolve, reject) =>
    yauzl.open(path, {lazyEntries: true, autoClose: false}, (error, file) =>
      error ? reject(error) : resolve(file),
    ),
  )
  const entries: Entry[] = []
  zip.on('entry', (entry: Entry) => {
    if (!entry.fileName.endsWith('/')) entries.push(entry)
    zip.readEntry()
  })
  zip.readEntry()
  await once(zip, 'end')
  return {entries, open: promisify(zip.openReadStream.bind(zip)), close: () => zip.close()}
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
