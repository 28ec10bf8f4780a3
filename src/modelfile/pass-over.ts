import type {FileHandle} from 'node:fs/promises'
import {environmentError} from '../errors.ts'
import {fill} from './blocks.ts'

/** Bytes of the file from `start` on, as many as `into` takes. */
export interface Range {
  readonly start: number
  readonly into: Uint8Array
  /** Is shown what was read, piece by piece in order, while the processor's cache still holds it. */
  readonly seen?: ((piece: Uint8Array) => void) | undefined
}

/** In flight at a time: two such batches, one being read while the other is hashed. */
const BATCH_BYTES = 4 * 2 ** 20
const BATCH_PIECES = 512
const PIECE_BYTES = 2 ** 20

interface Piece {
  readonly start: number
  readonly bytes: Uint8Array
  readonly seen?: Range['seen'] | undefined
}

interface Work {
  readonly handle: FileHandle
  readonly path: string
  readonly bytes: number
  readonly ranges: readonly Range[]
}

/**
 * Reads a file once from end to end, what lies in a range straight into its place, and shows every piece in order.
 * Ranges must lie within the file and must not overlap.
 */
export async function passOver(work: Work, visit: (start: number, piece: Uint8Array) => void): Promise<void> {
  const batches = batchesOf(work)
  const readNext = () => {
    const {value: batch} = batches.next()
    return batch && {batch, done: readBatch(work, batch)}
  }
  let current = readNext()
  while (current) {
    await current.done
    const next = readNext()
    // Should a visit throw, the read that is under way must not become an unhandled rejection.
    next?.done.catch(() => {})
    for (const {start, bytes, seen} of current.batch) {
      visit(start, bytes)
      seen?.(bytes)
    }
    current = next
  }
}

async function readBatch({handle, path}: Work, batch: readonly Piece[]): Promise<void> {
  const start = batch[0]!.start
  const {bytesRead} = await handle.readv(
    batch.map(({bytes}) => bytes),
    start,
  )
  // A short read is rare on a file; what is missing is read again, piece by piece.
  for (const piece of batch)
    if (piece.start + piece.bytes.length > start + bytesRead)
      await fill(handle, piece.bytes, piece.start, path)
}

function* batchesOf(work: Work): Generator<readonly Piece[], undefined> {
  let batch: Piece[] = []
  let size = 0
  for (const piece of piecesOf(work)) {
    if (batch.length === BATCH_PIECES || (size > 0 && size + piece.bytes.length > BATCH_BYTES)) {
      yield batch
      batch = []
      size = 0
    }
    batch.push(piece)
    size += piece.bytes.length
  }
  if (batch.length > 0) yield batch
  return undefined
}

/** Covers the file with pieces of at most PIECE_BYTES: of the ranges, and of what lies between them. */
function* piecesOf({path, bytes, ranges}: Work): Generator<Piece> {
  let position = 0
  for (const {start, into, seen} of ranges.toSorted((a, b) => a.start - b.start)) {
    if (into.length === 0) continue
    if (start < position)
      throw environmentError({
        code: 'E_FILE_OVERLAP',
        message: `${path}: two tensors or entries claim byte ${start}.`,
        hints: ['The file is damaged or was made by hand; fetch it again from its source.'],
      })
    for (; position < start; position += Math.min(PIECE_BYTES, start - position))
      yield {start: position, bytes: Buffer.allocUnsafe(Math.min(PIECE_BYTES, start - position))}
    for (let at = 0; at < into.length; at += PIECE_BYTES)
      yield {start: start + at, bytes: into.subarray(at, at + PIECE_BYTES), seen}
    position = start + into.length
  }
  for (; position < bytes; position += PIECE_BYTES)
    yield {start: position, bytes: Buffer.allocUnsafe(Math.min(PIECE_BYTES, bytes - position))}
}
