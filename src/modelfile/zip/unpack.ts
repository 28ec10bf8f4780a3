import {promisify} from 'node:util'
import {constants, crc32, inflateRaw} from 'node:zlib'
import {environmentError} from '../../errors.ts'
import type {Limits} from '../limits.ts'
import type {ParsedFile} from '../reader.ts'
import {brokenZip, type ArchiveEntry} from './open-archive.ts'

const inflate = promisify(inflateRaw)

/** Refuses bombs and what no zip reader of PyTorch unpacks, before anything is read. */
export function checkEntry(entry: ArchiveEntry, path: string, limits: Limits): void {
  if (entry.method !== 0 && entry.method !== 8)
    throw brokenZip(path, `entry '${entry.name}' has the compression method ${entry.method}`)
  const bomb =
    entry.bytes > limits.unpackedBytes ||
    (entry.bytes > 2 ** 20 && entry.bytes > entry.packedBytes * limits.ratio)
  if (entry.method === 8 && bomb)
    throw environmentError({
      code: 'E_LIMIT',
      message: `${path}: entry '${entry.name}' unpacks from ${entry.packedBytes} to ${entry.bytes} bytes.`,
      hints: ['That is a zip bomb, not a model.'],
    })
}

/** From an entry's packed bytes to its own. Throws E_ZIP where they do not have the stated size. */
export async function unpack(
  entry: Pick<ArchiveEntry, 'name' | 'method' | 'bytes' | 'packedBytes'>,
  packed: Uint8Array<ArrayBuffer>,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  if (entry.method === 0) return packed
  let bytes: Buffer
  try {
    bytes = await inflate(packed, {maxOutputLength: Math.max(1, entry.bytes)})
  } catch (error) {
    throw brokenZip(
      path,
      `entry '${entry.name}' does not unpack (${error instanceof Error ? error.message : 'unknown'})`,
    )
  }
  if (bytes.length !== entry.bytes)
    throw brokenZip(path, `entry '${entry.name}' unpacks to ${bytes.length} bytes, not to ${entry.bytes}`)
  return new Uint8Array(bytes)
}

export const hasChecksum = (entry: ArchiveEntry, bytes: Uint8Array): boolean => crc32(bytes) === entry.crc32

/** Enough for the header of an array, and to tell numbers after it from a pickle. */
const HEAD = 4096

/** The first bytes of an entry, by which it is told what it is; none where it does not unpack. */
export async function headOf(file: ParsedFile, entry: ArchiveEntry): Promise<Uint8Array> {
  if (entry.method !== 0 && entry.method !== 8) return new Uint8Array()
  const packed = await file.read(entry.dataStart, Math.min(HEAD, entry.packedBytes))
  if (entry.method === 0) return packed
  try {
    return (await inflate(packed, {finishFlush: constants.Z_SYNC_FLUSH})).subarray(0, HEAD)
  } catch {
    return new Uint8Array()
  }
}

/** An entry that is parsed: read at once, whole. Throws E_LIMIT above `limits.pickleBytes`. */
export async function readEntry(file: ParsedFile, entry: ArchiveEntry, limits: Limits): Promise<Uint8Array> {
  checkEntry(entry, file.path, limits)
  if (entry.bytes > limits.pickleBytes || entry.packedBytes > limits.pickleBytes)
    throw environmentError({
      code: 'E_LIMIT',
      message: `${file.path}: entry '${entry.name}' has ${entry.bytes} bytes; the limit for a pickle is ${limits.pickleBytes}.`,
      hints: ['Save the weights alone: torch.save(model.state_dict(), path).'],
    })
  const packed = await file.read(entry.dataStart, entry.packedBytes)
  return unpack(entry, packed as Uint8Array<ArrayBuffer>, file.path)
}
