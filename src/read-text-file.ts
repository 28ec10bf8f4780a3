import {readFile, stat} from 'node:fs/promises'

/**
 * A small text file as UTF-8. Throws an Error that says why not: with the system's `code` where the system refuses, and
 * without one where the path is a folder, a pipe or a device, which could be read for ever, or the file is too large.
 */
export async function readTextFile(path: string, {most}: {readonly most: number}): Promise<string> {
  const found = await stat(path)
  if (!found.isFile()) throw new Error(found.isDirectory() ? 'it is a folder' : 'it is not a regular file')
  if (found.size > most) throw new Error(`it has ${found.size} bytes, more than ${most}`)
  return readFile(path, 'utf8')
}

/** Why `readTextFile` did not. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
