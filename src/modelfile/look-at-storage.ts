import {crc32} from 'node:zlib'
import type {Range} from './pass/pass.ts'

/** What can be said of a storage's bytes when all pieces of it have been seen, in order. */
interface StorageLook {
  readonly seen: NonNullable<Range['seen']>
  /** Undefined where it was not asked for. */
  readonly crc32: () => number | undefined
  /** False where its values are not finite, or not known to be. */
  readonly isFinite: () => boolean
}

export function lookAtStorage(wanted: {isFloat32: boolean; hasChecksum: boolean}): StorageLook {
  let checksum = 0
  let finite = wanted.isFloat32
  return {
    seen(piece, isFinite) {
      if (wanted.hasChecksum) checksum = crc32(piece, checksum)
      finite &&= isFinite()
    },
    crc32: () => (wanted.hasChecksum ? checksum : undefined),
    isFinite: () => finite,
  }
}
