import {open} from 'node:fs/promises'

/** More than a socket takes without a pause, so that one piece is on its way before the next one is asked for. */
const PIECE = 1 << 18

/**
 * A file's bytes, in two buffers that are filled in turns: a piece is good until the next but one. Buffers of their own
 * would wait for the garbage collector, tens of megabytes of them.
 */
export async function* piecesOf(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  await using file = await open(path, 'r')
  const buffers = [Buffer.allocUnsafeSlow(PIECE), Buffer.allocUnsafeSlow(PIECE)] as const
  for (let i = 0; ; i ^= 1) {
    const buffer = buffers[i]!
    const {bytesRead} = await file.read(buffer, 0, PIECE)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
  }
}
