import {createHash, type Hash} from 'node:crypto'
import {environmentError} from '../errors.ts'

const BLOCK = 16_384

/** Reads at a position of an open file: a FileHandle, or a descriptor that another process opened. */
export interface Readable {
  read(into: Uint8Array, offset: number, length: number, position: number): Promise<{bytesRead: number}>
}

/** Number and SHA-256 of a block that was parsed. */
export type Digest = readonly [block: number, sha256: string]

/** What was parsed of a file, in blocks: each is read once, and must still be the same when the file is hashed. */
export interface Blocks {
  readonly read: (start: number, length: number) => Promise<Uint8Array>
  /**
   * Throws E_FILE_CHANGED where `piece`, found at `start`, differs from what was read before. Pieces come in the order
   * of the file, without holes.
   */
  verify(start: number, piece: Uint8Array): void
  /** Of all blocks that were read. */
  digests(): Digest[]
  /** What another process read of the same file: to be verified too. */
  expect(digests: readonly Digest[]): void
}

export function createBlocks(handle: Readable, file: {path: string; bytes: number; limit: number}): Blocks {
  const blocks = new Map<number, Uint8Array>()

  const fetch = async (first: number, last: number) => {
    if ((blocks.size + last - first + 1) * BLOCK > file.limit + 2 * BLOCK) throw tooMuch(file)
    const start = first * BLOCK
    const bytes = new Uint8Array(Math.min((last + 1) * BLOCK, file.bytes) - start)
    await fill(handle, bytes, start, file.path)
    for (let block = first; block <= last; block++)
      blocks.set(block, bytes.subarray((block - first) * BLOCK, (block - first + 1) * BLOCK))
  }

  const read = async (start: number, length: number) => {
    if (!(start >= 0 && length >= 0 && start + length <= file.bytes)) throw truncated(file.path)
    const out = new Uint8Array(length)
    if (length === 0) return out
    const first = Math.floor(start / BLOCK)
    const last = Math.floor((start + length - 1) / BLOCK)
    for (let block = first; block <= last; block++) {
      if (blocks.has(block)) continue
      let end = block
      while (end < last && !blocks.has(end + 1)) end++
      await fetch(block, end)
      block = end
    }
    for (let block = first; block <= last; block++) {
      const from = Math.max(start, block * BLOCK)
      const to = Math.min(start + length, (block + 1) * BLOCK)
      out.set(blocks.get(block)!.subarray(from - block * BLOCK, to - block * BLOCK), from - start)
    }
    return out
  }

  const verify = (start: number, piece: Uint8Array) => {
    const end = start + piece.length
    verifyDigests(start, piece)
    for (let block = Math.floor(start / BLOCK); block * BLOCK < end; block++) {
      const known = blocks.get(block)
      if (!known) continue
      const from = Math.max(start, block * BLOCK)
      const to = Math.min(end, block * BLOCK + known.length)
      const before = known.subarray(from - block * BLOCK, to - block * BLOCK)
      if (Buffer.compare(before, piece.subarray(from - start, to - start)) !== 0) throw changed(file.path)
    }
  }

  const expected = new Map<number, string>()
  let hashed: {readonly block: number; readonly hash: Hash} | undefined
  const verifyDigests = (start: number, piece: Uint8Array) => {
    if (expected.size === 0) return
    const end = start + piece.length
    for (let block = Math.floor(start / BLOCK); block * BLOCK < end; block++) {
      const digest = expected.get(block)
      if (digest === undefined) continue
      if (hashed?.block !== block) hashed = {block, hash: createHash('sha256')}
      const last = Math.min((block + 1) * BLOCK, file.bytes)
      hashed.hash.update(piece.subarray(Math.max(start, block * BLOCK) - start, Math.min(end, last) - start))
      if (end < last) continue
      if (hashed.hash.digest('hex') !== digest) throw changed(file.path)
      hashed = undefined
    }
  }

  return {
    read,
    verify,
    digests: () =>
      [...blocks].map(([block, bytes]) => [block, createHash('sha256').update(bytes).digest('hex')]),
    expect(digests) {
      for (const [block, digest] of digests) expected.set(block, digest)
    },
  }
}

/** Reads until `into` is full. Throws E_FILE_CHANGED where the file ends before (its size was known). */
export async function fill(handle: Readable, into: Uint8Array, start: number, path: string): Promise<void> {
  for (let done = 0; done < into.length;) {
    const {bytesRead} = await handle.read(into, done, Math.min(into.length - done, 2 ** 30), start + done)
    if (bytesRead === 0) throw changed(path)
    done += bytesRead
  }
}

export const truncated = (path: string) =>
  environmentError({
    code: 'E_FILE_TRUNCATED',
    message: `${path} ends too early: it refers to bytes beyond its end.`,
    hints: ['Copy or download it again, and compare its checksum with the source.'],
  })

const changed = (path: string) =>
  environmentError({
    code: 'E_FILE_CHANGED',
    message: `${path} changed while it was read.`,
    hints: ['Wait until whatever writes it has finished, then run the command again.'],
  })

const tooMuch = ({path, limit}: {path: string; limit: number}) =>
  environmentError({
    code: 'E_LIMIT',
    message: `${path} holds more than ${limit} bytes of structure (headers, directories, pickles) that are not weights.`,
    hints: ['No model needs that much; save only the weights (its state dict) again.'],
  })
