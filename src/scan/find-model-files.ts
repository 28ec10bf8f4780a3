import {open, readdir, stat} from 'node:fs/promises'
import {extname, join} from 'node:path'
import {readers} from '../modelfile/readers.ts'
import {HEAD_BYTES} from '../modelfile/limits.ts'
import {openError} from '../modelfile/source-file.ts'

/** Files of these are models, or are taken for models, whatever they hold. */
const extensions = new Set([
  ...readers.flatMap((reader) => reader.extensions).filter((extension) => extension !== '.json'),
  ...['.ckpt', '.joblib', '.dill', '.pickle', '.npz', '.gguf', '.tflite', '.hdf5', '.7z', '.zip', '.skops'],
  ...['.mar', '.pb', '.nemo', '.ptl', '.jit', '.torchscript'],
])

/** Folders that hold no models but many files. */
const passedOver = new Set(['node_modules', '.git', '.hg', '.svn', '__pycache__', '.venv', 'venv'])

/**
 * The model files at a path: the file itself, or of a folder those below it that are models by their names or by their
 * first bytes, in order of their names. Links are not followed out of the folder: they are files only where they are
 * named. Throws E_FILE_MISSING, E_NOT_PERMITTED.
 */
export async function findModelFiles(path: string, signal?: AbortSignal): Promise<string[]> {
  let isFolder: boolean
  try {
    isFolder = (await stat(path)).isDirectory()
  } catch {
    // The reader says why, in the file's own report.
    return [path]
  }
  return isFolder ? below(path, signal) : [path]
}

async function below(folder: string, signal: AbortSignal | undefined): Promise<string[]> {
  const found: string[] = []
  let entries
  try {
    entries = await readdir(folder, {withFileTypes: true})
  } catch (error) {
    throw openError(folder, error)
  }
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    signal?.throwIfAborted()
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (!passedOver.has(entry.name)) found.push(...(await below(path, signal)))
    } else if (entry.isSymbolicLink() ? hasModelName(path) : entry.isFile() && (await isModel(path)))
      found.push(path)
  }
  return found
}

const hasModelName = (path: string) => extensions.has(extname(path).toLowerCase())

/** A pickle under another name is a pickle all the same. */
async function isModel(path: string): Promise<boolean> {
  if (hasModelName(path)) return true
  const handle = await open(path, 'r').catch(() => undefined)
  if (!handle) return false
  try {
    const {buffer, bytesRead} = await handle.read(new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES, 0)
    const head = buffer.subarray(0, bytesRead)
    const extension = extname(path).toLowerCase()
    // Zip archives by the thousand are documents; those that are models have a model's name, or hold a pickle.
    if (head[0] === 0x50 && head[1] === 0x4b) {
      const {size} = await handle.stat()
      // The directory, which has the names of all entries, is at the end.
      const start = Math.max(0, size - HEAD_BYTES)
      const tail = await handle.read(new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES, start)
      const names = Buffer.concat([head, tail.buffer.subarray(0, tail.bytesRead)]).toString('latin1')
      return /data\.pkl|model\.weights\.(h5|npz)|\.npy/i.test(names)
    }
    return readers.some((reader) => reader.matches(head, extension))
  } finally {
    await handle.close()
  }
}
