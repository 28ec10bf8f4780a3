import {open, stat} from 'node:fs/promises'
import {dirname} from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import {environmentError} from './errors.ts'
import {makeFolder} from './make-folder.ts'

/**
 * Writes the pieces one after the other under a temporary name, syncs and renames: `path` holds all of it or what it
 * held before. Its folder is made where it is missing. The pieces are written here rather than by write-file-atomic,
 * which takes one buffer only and does not look whether the disk took all of it. Throws E_OUT_UNWRITABLE where a device or a pipe is in the way, which a rename
 * would replace.
 */
export async function writeAtomic(path: string, pieces: readonly (Uint8Array | string)[]): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  if (there && !there.isFile() && !there.isDirectory())
    throw environmentError({
      code: 'E_OUT_UNWRITABLE',
      message: `Cannot write to ${path}: it is not a regular file.`,
      hints: ['Choose another place with --out.'],
    })
  await makeFolder(dirname(path))
  await writeFileAtomic(path, '', {
    // The package awaits it; its types do not say so.
    // eslint-disable-next-line @typescript-eslint/no-misused-promises
    tmpfileCreated: async (temporary) => {
      const handle = await open(temporary, 'r+')
      try {
        for (const piece of pieces) await handle.writeFile(piece)
      } catch (error) {
        // What a handle throws names no file.
        throw Object.assign(error as Error, {path})
      } finally {
        await handle.close()
      }
    },
  })
}
