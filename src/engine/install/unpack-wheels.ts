import {once} from 'node:events'
import {createWriteStream} from 'node:fs'
import {mkdir} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import type {Readable} from 'node:stream'
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

/** Unpacks what the engine needs of its wheels below `folder`. yauzl refuses names that lead elsewhere. */
export async function unpackWheels(
  wheels: readonly string[],
  folder: string,
  {progress, signal}: Pick<Context, 'progress' | 'signal'>,
): Promise<void> {
  const opened: OpenWheel[] = []
  try {
    for (const wheel of wheels) opened.push(await openWheel(wheel))
    const bytes = opened
      .flatMap(({entries}) => entries)
      .reduce((sum, entry) => sum + entry.uncompressedSize, 0)
    const task = progress.start('Unpacking TensorFlow', bytes)
    try {
      for (const {entries, read} of opened)
        for (const entry of entries) {
          const path = join(folder, entry.fileName)
          await mkdir(dirname(path), {recursive: true})
          const content = await read(entry)
          content.on('data', (chunk: Buffer) => task.advance(chunk.length))
          await pipeline(content, createWriteStream(path), {signal})
        }
    } finally {
      task.end()
    }
  } finally {
    for (const {close} of opened) close()
  }
}

interface OpenWheel {
  /** Those that are needed. */
  readonly entries: readonly Entry[]
  read(entry: Entry): Promise<Readable>
  close(): void
}

async function openWheel(path: string): Promise<OpenWheel> {
  const zip = await new Promise<ZipFile>((resolve, reject) =>
    yauzl.open(path, {lazyEntries: true, autoClose: false}, (error, file) =>
      error ? reject(error) : resolve(file),
    ),
  )
  const entries: Entry[] = []
  zip.on('entry', (entry: Entry) => {
    const isFile = !entry.fileName.endsWith('/')
    if (isFile && needed.some((pattern) => pattern.test(entry.fileName))) entries.push(entry)
    zip.readEntry()
  })
  zip.readEntry()
  await once(zip, 'end')
  return {entries, read: promisify(zip.openReadStream.bind(zip)), close: () => zip.close()}
}
