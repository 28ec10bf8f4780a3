import {crc32} from 'node:zlib'
import {allFiniteBits} from './non-finite.ts'

/** What can be said of a storage's bytes when all pieces of it have been seen, in order. */
interface StorageLook {
  readonly seen: (piece: Uint8Array) => void
  /** Undefined where it was not asked for. */
  readonly crc32: () => number | undefined
  /** False where its values are not finite, or not known to be. */
  readonly isFinite: () => boolean
}

export function lookAtStorage(wanted: {isFloat32: boolean; hasChecksum: boolean}): StorageLook {
  let checksum = 0
  let finite = wanted.isFloat32
  return {
    seen(piece) {
      if (wanted.hasChecksum) checksum = crc32(piece, checksum)
      finite &&= isFinitePiece(piece)
    },
    crc32: () => (wanted.hasChecksum ? checksum : undefined),
    isFinite: () => finite,
  }
}

/** A piece that begins or ends within a value, as where a file of several ends, cannot be judged alone. */
const isFinitePiece = ({buffer, byteOffset, length}: Uint8Array): boolean =>
  byteOffset % 4 === 0 && length % 4 === 0 && allFiniteBits(new Int32Array(buffer, byteOffset, length / 4))
