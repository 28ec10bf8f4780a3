import {createHash} from 'node:crypto'
import {extname} from 'node:path'
import {Worker} from 'node:worker_threads'
import type {Ring} from './ring.ts'
import {FILLED, TAKEN, type Shared} from './slots.ts'

/** Hashes the blocks of a file in a ring, in order. */
export interface Hasher {
  /** So many blocks have been read. */
  filled(blocks: number): void
  /** The next block, at the latest now. */
  take(block: Uint8Array): void
  /** How many are hashed: their slots are free. */
  taken(): number
  /** Once more than `blocks` are hashed. */
  more(blocks: number): Promise<void>
  /** SHA-256 in hex, after the last block. */
  digest(): Promise<string>
  end(): Promise<void>
}

/** Fewer bytes are hashed here in the time that a thread takes to start. */
const WORTH_A_THREAD = 32 * 2 ** 20

/**
 * On a thread of its own where the bytes are many and threads are allowed (Node's permission model may forbid them), else
 * on this one: hashing takes as long as all else that is done with a file.
 */
export async function createHasher(ring: Ring, fileBytes: number): Promise<Hasher> {
  const mayStart = (process.permission as {has(scope: string): boolean} | undefined)?.has('worker') ?? true
  return (fileBytes >= WORTH_A_THREAD && mayStart ? await onThread(ring, fileBytes) : undefined) ?? here()
}

function here(): Hasher {
  const hash = createHash('sha256')
  let taken = 0
  return {
    filled: () => {},
    take(block) {
      hash.update(block)
      taken++
    },
    taken: () => taken,
    more: async () => {},
    digest: async () => hash.digest('hex'),
    end: async () => {},
  }
}

/** Undefined where no thread starts. */
async function onThread({bytes, slots}: Ring, fileBytes: number): Promise<Hasher | undefined> {
  const control = new Int32Array(new SharedArrayBuffer(8))
  const shared: Shared = {ring: bytes, slots, fileBytes, control}
  const thread = new Worker(new URL(`hash-thread${extname(import.meta.url)}`, import.meta.url), {
    workerData: shared,
    env: {},
    // It needs little. Where a process may not have what a thread takes by default, the whole process would end.
    resourceLimits: {maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4, codeRangeSizeMb: 8},
  })
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => {})
  thread.once('error', failed.reject)
  thread.once('exit', () => failed.reject(new Error('The thread that hashes ended.')))
  const message = () =>
    Promise.race([new Promise<string>((resolve) => thread.once('message', resolve)), failed.promise])
  if (!(await message().catch(() => undefined))) return undefined
  const answer = message()
  answer.catch(() => {})
  return {
    filled(blocks) {
      Atomics.store(control, FILLED, blocks)
      Atomics.notify(control, FILLED)
    },
    take: () => {},
    taken: () => Atomics.load(control, TAKEN),
    async more(blocks) {
      await Promise.race([Atomics.waitAsync(control, TAKEN, blocks).value, failed.promise])
    },
    digest: () => answer,
    end: async () => void (await thread.terminate()),
  }
}
