import {crc32} from 'node:zlib'
import {usageError} from '../../errors.ts'

/** The pieces of a zip archive of stored entries, each entry's bytes at a multiple of `alignment` from the start. */
export function storedArchive(
  entries: readonly {name: string; bytes: Uint8Array}[],
  alignment: number,
): Uint8Array[] {
  const pieces: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let position = 0
  for (const {name, bytes} of entries) {
    const described = {
      name: Buffer.from(name, 'utf8'),
      size: bytes.length,
      crc: crc32(bytes),
      start: position,
    }
    const header = localHeader(described, alignment)
    directory.push(directoryEntry(described))
    pieces.push(header, bytes)
    position += header.length + bytes.length
  }
  const size = directory.reduce((sum, {length}) => sum + length, 0)
  if (position + size > 0xffffffff || entries.length > 0xffff)
    throw usageError({
      code: 'E_FILE_SIZE',
      message: `A .pt file of ${position} bytes in ${entries.length} entries is too large for this writer (4 GiB, 65535 entries).`,
      hints: ['Write safetensors, which has no such limit.'],
    })
  return [...pieces, ...directory, endRecord(entries.length, size, position)]
}

interface Described {
  readonly name: Buffer
  readonly size: number
  readonly crc: number
  readonly start: number
}

const UTF8_NAMES = 0x800
const LOCAL_HEADER = 30
const EXTRA_HEADER = 4

/** Version needed to flags, method 0, no time, checksum, sizes, name length: the same in both headers. */
function common(header: Buffer, at: number, {name, size, crc}: Described): void {
  header.writeUInt16LE(UTF8_NAMES, at + 2)
  header.writeUInt32LE(crc, at + 10)
  header.writeUInt32LE(size, at + 14)
  header.writeUInt32LE(size, at + 18)
  header.writeUInt16LE(name.length, at + 22)
}

/** With torch's padding: an extra field 'FB' of Z's. */
function localHeader(entry: Described, alignment: number): Buffer {
  const fixed = entry.start + LOCAL_HEADER + entry.name.length + EXTRA_HEADER
  const padding = (alignment - (fixed % alignment)) % alignment
  const header = Buffer.alloc(LOCAL_HEADER + entry.name.length + EXTRA_HEADER + padding, 'Z')
  header.fill(0, 0, LOCAL_HEADER)
  header.writeUInt32LE(0x04034b50, 0)
  common(header, 4, entry)
  header.writeUInt16LE(EXTRA_HEADER + padding, 28)
  entry.name.copy(header, LOCAL_HEADER)
  header.write('FB', LOCAL_HEADER + entry.name.length)
  header.writeUInt16LE(padding, LOCAL_HEADER + entry.name.length + 2)
  return header
}

function directoryEntry(entry: Described): Buffer {
  const header = Buffer.alloc(46 + entry.name.length)
  header.writeUInt32LE(0x02014b50, 0)
  common(header, 6, entry)
  header.writeUInt32LE(entry.start, 42)
  entry.name.copy(header, 46)
  return header
}

function endRecord(entries: number, size: number, start: number): Buffer {
  const record = Buffer.alloc(22)
  record.writeUInt32LE(0x06054b50, 0)
  record.writeUInt16LE(entries, 8)
  record.writeUInt16LE(entries, 10)
  record.writeUInt32LE(size, 12)
  record.writeUInt32LE(start, 16)
  return record
}
