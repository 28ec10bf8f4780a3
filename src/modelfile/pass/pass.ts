import type {FileHandle} from 'node:fs/promises'
import {setImmediate} from 'node:timers/promises'
import {environmentError} from '../../errors.ts'
import {fill} from '../blocks.ts'
import {createHasher, type Hasher} from './hasher.ts'
import {createRing, type Ring} from './ring.ts'
import {SLOT_BYTES, slotOf} from './slots.ts'

/** Bytes of the file from `start` on, as many as `into` takes. */
export interface Range {
  readonly start: number
  readonly into: Uint8Array
  /**
   * Is shown what was read, piece by piece in order, while the processor's cache still holds it. `isFinite`: whether it is
   * float32 values that are all finite; false where it begins or ends within one.
   */
  readonly seen?: ((piece: Uint8Array, isFinite: () => boolean) => void) | undefined
}

/** The one time that a file is read from end to end: what is hashed and what is loaded are the same bytes. */
export interface Pass {
  /** Reads and hashes as much as the ring holds, in the meantime. */
  begin(): void
  /**
   * Reads the file, copies what lies in a range into its place, and shows every block in order. Ranges must lie within
   * the file and must not overlap (E_FILE_OVERLAP). Answers the SHA-256 of the file, in hex. At most once.
   */
  over(ranges: readonly Range[], visit: (start: number, block: Uint8Array) => void): Promise<string>
  /** To be called before the file is closed. */
  end(): Promise<void>
}

interface OpenFile {
  readonly handle: FileHandle
  readonly path: string
  readonly bytes: number
}

export function createPass(file: OpenFile): Pass {
  let flow: Flow | undefined
  const begun = () => (flow ??= createFlow(file))
  return {
    begin: () => void begun(),
    async over(ranges, visit) {
      const places = inOrder(ranges, file.path)
      const {ring, next, digest} = begun()
      let first = 0
      for (let start = 0; start < file.bytes; start += SLOT_BYTES) {
        const block = await next(start / SLOT_BYTES)
        visit(start, block)
        first = copy({ring, places, first}, start, block)
        // What was read meanwhile is only noticed between two turns of the event loop.
        await setImmediate()
      }
      return digest()
    },
    async end() {
      await flow?.end()
      flow = undefined
    },
  }
}

const inOrder = (ranges: readonly Range[], path: string): Range[] => {
  const places = ranges.filter(({into}) => into.length > 0).toSorted((a, b) => a.start - b.start)
  for (const [i, {start}] of places.entries()) {
    const before = places[i - 1]
    if (before && start < before.start + before.into.length) throw overlap(path, start)
  }
  return places
}

/** Copies what of the ranges from the one with the index `first` on lies in the block; answers the first that goes on. */
function copy(
  {ring, places, first}: {ring: Ring; places: readonly Range[]; first: number},
  start: number,
  block: Uint8Array,
): number {
  const end = start + block.length
  let i = first
  for (; i < places.length && places[i]!.start < end; i++) {
    const {start: begin, into, seen} = places[i]!
    const [from, to] = [Math.max(begin, start), Math.min(begin + into.length, end)]
    const piece = into.subarray(from - begin, to - begin)
    piece.set(block.subarray(from - start, to - start))
    seen?.(piece, () => {
      const {buffer, byteOffset, length} = piece
      if (byteOffset % 4 !== 0 || length % 4 !== 0) return false
      return ring.allFinite(block.byteOffset + from - start, new Float32Array(buffer, byteOffset, length / 4))
    })
    if (begin + into.length > end) break
  }
  return i
}

interface Flow {
  readonly ring: Ring
  /** Waits for a block; the ones before it are used up. */
  next(block: number): Promise<Uint8Array>
  digest(): Promise<string>
  end(): Promise<void>
}

/** Blocks that are read at a time. */
const BATCH = 4

/** Reads ahead as far as there are slots whose blocks were both used and hashed. */
function createFlow({handle, path, bytes}: OpenFile): Flow {
  const ring = createRing(bytes)
  const {slots} = ring
  const blocks = Math.ceil(bytes / SLOT_BYTES)
  const [read, filled, used] = [{blocks: 0}, {blocks: 0}, {blocks: 0}]
  let reading: Promise<void> | undefined
  let hasher: Hasher | undefined
  const started = createHasher(ring, bytes).then((made) => {
    hasher = made
    hasher.filled(filled.blocks)
  })
  const lying = (block: number) => {
    const at = slotOf(block, slots)
    return ring.bytes.subarray(at, at + Math.min(SLOT_BYTES, bytes - block * SLOT_BYTES))
  }
  const readOn = () => {
    const free = slots - read.blocks + Math.min(used.blocks, hasher?.taken() ?? 0)
    const untilWrap = slots - (read.blocks % slots)
    const count = Math.min(free, BATCH, blocks - read.blocks, untilWrap)
    if (reading || count <= 0) return
    const start = read.blocks * SLOT_BYTES
    const at = slotOf(read.blocks, slots)
    const into = ring.bytes.subarray(at, at + Math.min(count * SLOT_BYTES, bytes - start))
    read.blocks += count
    reading = fill(handle, into, start, path).then(() => {
      filled.blocks += count
      hasher?.filled(filled.blocks)
      reading = undefined
      readOn()
    })
    // Whoever needs the block is told.
    reading.catch(() => {})
  }
  readOn()
  return {
    ring,
    async next(block) {
      await started
      if (block > 0) hasher!.take(lying(block - 1))
      used.blocks = block
      readOn()
      while (filled.blocks <= block) {
        if (reading) await reading
        else await hasher!.more(hasher!.taken())
        readOn()
      }
      return lying(block)
    },
    digest() {
      hasher!.take(lying(blocks - 1))
      return hasher!.digest()
    },
    async end() {
      await started
      await reading?.catch(() => {})
      await hasher!.end()
    },
  }
}

const overlap = (path: string, start: number) =>
  environmentError({
    code: 'E_FILE_OVERLAP',
    message: `${path}: two tensors or entries claim byte ${start}.`,
    hints: ['The file is damaged or was made by hand; fetch it again from its source.'],
  })
