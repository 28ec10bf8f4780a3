import {validateFileName, type Entry, type LocalFileHeader} from 'yauzl'
import type {ScanFinding} from '../scan-finding.ts'
import {finding} from '../scan-rules.ts'
import type {ParsedFile} from '../reader.ts'
import {nameOf} from './open-archive.ts'

export interface Described {
  readonly entry: Entry
  readonly local: LocalFileHeader
}

/** Encrypted, compressed patched data, strongly encrypted, masked headers. */
const ODD_FLAGS = 0x1 | 0x20 | 0x40 | 0x2000
const HAS_DESCRIPTOR = 0x8
const SYMBOLIC_LINK = 0o120000

/** What is suspicious about an archive by its structure alone. `directory`: where its directory lies in the file. */
export function inspectEntries(
  file: ParsedFile,
  described: readonly Described[],
  directory: {start: number; end: number; comment: number},
): ScanFinding[] {
  return [...described.flatMap(inspectEntry), ...duplicates(described), ...layout(file, described, directory)]
}

function inspectEntry({entry, local}: Described): ScanFinding[] {
  const found: ScanFinding[] = []
  const name = nameOf(entry)
  const at = entry.relativeOffsetOfLocalHeader
  // eslint-disable-next-line no-control-regex -- that is what must not be in a name
  if (validateFileName(name) !== null || /[\u0000-\u001f\ufffd]/.test(name))
    found.push(finding('unsafeName', `entry '${name}'`, at))
  if ((entry.generalPurposeBitFlag | local.generalPurposeBitFlag) & ODD_FLAGS)
    found.push(
      finding('oddFlags', `entry '${name}' has the flags 0x${entry.generalPurposeBitFlag.toString(16)}`, at),
    )
  if (((entry.externalFileAttributes >>> 16) & 0o170000) === SYMBOLIC_LINK)
    found.push(finding('symbolicLink', `entry '${name}'`, at))
  const differing = differences(entry, local)
  if (differing.length > 0)
    found.push(
      finding('mismatchedHeaders', `entry '${name}' and its directory differ in ${differing.join(', ')}`, at),
    )
  return found
}

function differences(entry: Entry, local: LocalFileHeader): string[] {
  const found: string[] = []
  if (!entry.fileNameRaw.equals(local.fileName)) found.push('name')
  if (entry.compressionMethod !== local.compressionMethod) found.push('compression')
  if (entry.compressionMethod === 0 && entry.compressedSize !== entry.uncompressedSize)
    found.push('packed size')
  // With a descriptor after the data the local header may leave them 0; with zip64 they lie in an extra field.
  const known = (value: number) =>
    value !== 0xffffffff && !(value === 0 && local.generalPurposeBitFlag & HAS_DESCRIPTOR)
  if (known(local.compressedSize) && local.compressedSize !== entry.compressedSize) found.push('packed size')
  if (known(local.uncompressedSize) && local.uncompressedSize !== entry.uncompressedSize) found.push('size')
  if (known(local.crc32) && local.crc32 !== entry.crc32) found.push('checksum')
  return found
}

/** PyTorch's zip reader ignores case. */
function duplicates(described: readonly Described[]): ScanFinding[] {
  const seen = new Set<string>()
  return described.flatMap(({entry}) => {
    const name = nameOf(entry).toLowerCase()
    if (!seen.has(name)) {
      seen.add(name)
      return []
    }
    return [finding('duplicateName', `entry '${nameOf(entry)}'`, entry.relativeOffsetOfLocalHeader)]
  })
}

/** A data descriptor of zip64, with its signature. */
const MAX_DESCRIPTOR = 24
function layout(
  file: ParsedFile,
  described: readonly Described[],
  directory: {start: number; end: number; comment: number},
): ScanFinding[] {
  const found: ScanFinding[] = []
  let position = 0
  let slack = 0
  const expect = (start: number, what: string) => {
    if (start < position)
      found.push(finding('overlappingEntries', `${what} begins within the one before`, start))
    else if (start > position + slack)
      found.push(finding('unlistedBytes', `${start - position} bytes before ${what}`, position))
  }
  const inOrder = described.toSorted(
    (a, b) => a.entry.relativeOffsetOfLocalHeader - b.entry.relativeOffsetOfLocalHeader,
  )
  for (const {entry, local} of inOrder) {
    expect(entry.relativeOffsetOfLocalHeader, `entry '${nameOf(entry)}'`)
    position = Math.max(position, local.fileDataStart + entry.compressedSize)
    slack = (entry.generalPurposeBitFlag | local.generalPurposeBitFlag) & HAS_DESCRIPTOR ? MAX_DESCRIPTOR : 0
  }
  expect(directory.start, 'the directory')
  if (directory.comment > 0)
    found.push(
      finding('unlistedBytes', `a comment of ${directory.comment} bytes`, file.bytes - directory.comment),
    )
  return found
}
