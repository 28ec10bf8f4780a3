import {open} from 'node:fs/promises'
import writeFileAtomic from 'write-file-atomic'

/**
 * Writes the pieces one after the other under a temporary name, syncs and renames: `path` holds all of it or what it
 * held before. The pieces are written here rather than by write-file-atomic, which takes one buffer only and does not
 * look whether the disk took all of it.
 */
export async function writeAtomic(path: string, pieces: readonly (Uint8Array | string)[]): Promise<void> {
  await writeFileAtomic(path, '', {
    // The package awaits it; its types do not say so.
    // eslint-disable-next-line @typescript-eslint/no-misused-promises
    tmpfileCreated: async (temporary) => {
      const handle = await open(temporary, 'r+')
      try {
        for (const piece of pieces) await handle.writeFile(piece)
      } finally {
        await handle.close()
      }
    },
  })
}
