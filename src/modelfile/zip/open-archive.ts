import {fromRandomAccessReaderPromise, RandomAccessReader, type Entry, type LocalFileHeader} from 'yauzl'
import type {ScanFinding} from '../scan-finding.ts'
import {AbdError, environmentError} from '../../errors.ts'
import {truncated} from '../blocks.ts'
import type {Limits} from '../limits.ts'
import {finding} from '../scan-rules.ts'
import type {ParsedFile} from '../reader.ts'
import {inspectEnd} from './inspect-end.ts'
import {inspectEntries} from './inspect-entries.ts'

// @types/yauzl is behind the package.
declare module 'yauzl' {
  interface ZipFile {
    eachEntry(): AsyncIterable<Entry>
    readLocalFileHeaderPromise(entry: Entry): Promise<LocalFileHeader>
  }
  interface Entry {
    fileNameRaw: Buffer
  }
  interface LocalFileHeader {
    fileDataStart: number
    generalPurposeBitFlag: number
    compressionMethod: number
    crc32: number
    compressedSize: number
    uncompressedSize: number
    fileName: Buffer
  }
  function fromRandomAccessReaderPromise(
    reader: RandomAccessReader,
    size: number,
    options: Options,
  ): Promise<ZipFile>
}

export interface ArchiveEntry {
  readonly name: string
  /** 0 stored, 8 deflated. */
  readonly method: number
  readonly flags: number
  readonly crc32: number
  /** Of the local header, in the file. */
  readonly headerStart: number
  readonly dataStart: number
  readonly packedBytes: number
  readonly bytes: number
}

export interface Archive {
  /** As the archive's directory has them. */
  readonly entries: readonly ArchiveEntry[]
  readonly findings: readonly ScanFinding[]
}

/**
 * Reads a zip archive's directory and every local header, and compares the two. Throws E_ZIP where it is broken,
 * E_FILE_TRUNCATED where its end is missing, E_LIMIT.
 */
export async function openArchive(file: ParsedFile, limits: Limits): Promise<Archive> {
  try {
    return await readDirectory(file, limits)
  } catch (error) {
    if (error instanceof AbdError || !(error instanceof Error)) throw error
    if (error.message.includes('strong encryption'))
      return {entries: [], findings: [finding('oddFlags', 'an entry is marked as strongly encrypted', null)]}
    if (/end of central directory|overflows file bounds|unexpected EOF/i.test(error.message))
      throw truncated(file.path)
    throw brokenZip(file.path, error.message)
  }
}

async function readDirectory(file: ParsedFile, limits: Limits): Promise<Archive> {
  const zip = await fromRandomAccessReaderPromise(readerOf(file), file.bytes, {
    autoClose: false,
    decodeStrings: false,
    validateEntrySizes: false,
  })
  if (zip.entryCount > limits.entries)
    throw environmentError({
      code: 'E_LIMIT',
      message: `${file.path} is an archive of ${zip.entryCount} entries; the limit is ${limits.entries}.`,
      hints: ['No model has that many; save its weights again.'],
    })
  const directoryStart = Number(zip.readEntryCursor)
  const pairs: {entry: Entry; local: LocalFileHeader}[] = []
  for await (const entry of zip.eachEntry())
    pairs.push({entry, local: await zip.readLocalFileHeaderPromise(entry)})
  const directory = {start: directoryStart, end: Number(zip.readEntryCursor), comment: zip.comment.length}
  return {
    entries: pairs.map(({entry, local}) => entryOf(entry, local)),
    findings: [
      ...inspectEntries(file, pairs, directory),
      ...(await inspectEnd(file, {...directory, entries: pairs.length})),
    ],
  }
}

const entryOf = (entry: Entry, local: LocalFileHeader): ArchiveEntry => ({
  name: nameOf(entry),
  method: entry.compressionMethod,
  flags: entry.generalPurposeBitFlag,
  crc32: entry.crc32,
  headerStart: entry.relativeOffsetOfLocalHeader,
  dataStart: local.fileDataStart,
  packedBytes: entry.compressedSize,
  bytes: entry.uncompressedSize,
})

/** The raw bytes as UTF-8, as PyTorch takes them, whatever flags and extra fields say. */
export const nameOf = ({fileNameRaw}: Entry): string => fileNameRaw.toString('utf8')

/** yauzl reads through this, so that nothing but the one open file is read. It must never throw. */
function readerOf(file: ParsedFile): RandomAccessReader {
  const reader = new (RandomAccessReader as unknown as new () => RandomAccessReader)()
  type Done = (error: Error | null, bytesRead?: number) => void
  reader.read = (buffer: Buffer, offset: number, length: number, position: number, callback: Done) => {
    file.read(position, length).then(
      (bytes) => {
        buffer.set(bytes, offset)
        callback(null, length)
      },
      (error: Error) => callback(error),
    )
  }
  return reader
}

export const brokenZip = (path: string, why: string) =>
  environmentError({
    code: 'E_ZIP',
    message: `${path} is a broken zip archive: ${why.replace(/\.$/, '')}.`,
    hints: ['Copy or download it again, and compare its checksum with the source.'],
  })
