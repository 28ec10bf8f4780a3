import {crc32, deflateRawSync} from 'node:zlib'

/** What an entry's local header and its directory entry say; `local` lets them differ. */
export interface ZipEntry {
  readonly name: string
  readonly bytes: Uint8Array
  readonly deflate?: boolean
  readonly method?: number
  readonly flags?: number
  readonly crc?: number
  readonly size?: number
  readonly mode?: number
  readonly local?: {
    readonly name?: string
    readonly method?: number
    readonly size?: number
    readonly crc?: number
  }
  /** Bytes between this entry and the one before. */
  readonly before?: Uint8Array
  /** Where the directory says that the entry begins, in place of where it does. */
  readonly start?: number
}

export interface ZipOptions {
  readonly comment?: string
  readonly count?: number
  /** Bytes between the directory and the end record. */
  readonly afterDirectory?: Uint8Array
  /** What the end record says of the directory's size, in place of it. */
  readonly size?: number
}

/** A zip archive put together by hand, so that every field can lie. */
export function zip(entries: readonly ZipEntry[], options: ZipOptions = {}): Buffer {
  const pieces: Buffer[] = []
  const directory: Buffer[] = []
  let position = 0
  for (const entry of entries) {
    const packed = entry.deflate ? deflateRawSync(entry.bytes) : Buffer.from(entry.bytes)
    const before = Buffer.from(entry.before ?? [])
    const header = local(entry, packed)
    directory.push(central(entry, packed, entry.start ?? position + before.length))
    pieces.push(before, header, packed)
    position += before.length + header.length + packed.length
  }
  const central1 = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(options.count ?? entries.length, 8)
  end.writeUInt16LE(options.count ?? entries.length, 10)
  end.writeUInt32LE(options.size ?? central1.length, 12)
  end.writeUInt32LE(position, 16)
  const comment = Buffer.from(options.comment ?? '')
  end.writeUInt16LE(comment.length, 20)
  return Buffer.concat([...pieces, central1, Buffer.from(options.afterDirectory ?? []), end, comment])
}

const methodOf = (entry: ZipEntry) => entry.method ?? (entry.deflate ? 8 : 0)

function local(entry: ZipEntry, packed: Buffer): Buffer {
  const name = Buffer.from(entry.local?.name ?? entry.name)
  const header = Buffer.alloc(30 + name.length)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(entry.flags ?? 0, 6)
  header.writeUInt16LE(entry.local?.method ?? methodOf(entry), 8)
  header.writeUInt32LE(entry.local?.crc ?? entry.crc ?? crc32(entry.bytes), 14)
  header.writeUInt32LE(packed.length, 18)
  header.writeUInt32LE(entry.local?.size ?? entry.size ?? entry.bytes.length, 22)
  header.writeUInt16LE(name.length, 26)
  name.copy(header, 30)
  return header
}

function central(entry: ZipEntry, packed: Buffer, start: number): Buffer {
  const name = Buffer.from(entry.name)
  const header = Buffer.alloc(46 + name.length)
  header.writeUInt32LE(0x02014b50, 0)
  header.writeUInt16LE(entry.flags ?? 0, 8)
  header.writeUInt16LE(methodOf(entry), 10)
  header.writeUInt32LE(entry.crc ?? crc32(entry.bytes), 16)
  header.writeUInt32LE(packed.length, 20)
  header.writeUInt32LE(entry.size ?? entry.bytes.length, 24)
  header.writeUInt16LE(name.length, 28)
  header.writeUInt32LE(((entry.mode ?? 0) << 16) >>> 0, 38)
  header.writeUInt32LE(start, 42)
  name.copy(header, 46)
  return header
}

/** torch.save's layout around a pickle and its storages. */
export const torchEntries = (
  pickle: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>> = {},
  extra: readonly ZipEntry[] = [],
): ZipEntry[] => [
  {name: 'archive/data.pkl', bytes: pickle},
  ...Object.entries(storages).map(([key, bytes]) => ({name: `archive/data/${key}`, bytes})),
  {name: 'archive/version', bytes: Buffer.from('3\n')},
  ...extra,
]

export const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer)
