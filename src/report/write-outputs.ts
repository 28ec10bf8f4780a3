import {join} from 'node:path'
import {writeAtomic} from '../write-atomic.ts'
import {outputError} from './output-error.ts'

/**
 * Writes texts by name into a folder that is there, each whole or not at all; returns the paths. Throws E_OUT_UNWRITABLE or
 * E_DISK_FULL (exit code 4), naming the file; what was written before stays.
 */
export async function writeOutputs(
  folder: string,
  texts: Readonly<Record<string, string>>,
): Promise<string[]> {
  const written: string[] = []
  for (const [name, text] of Object.entries(texts)) {
    const path = join(folder, name)
    try {
      await writeAtomic(path, [text])
    } catch (error) {
      throw outputError(error, path)
    }
    written.push(path)
  }
  return written
}
