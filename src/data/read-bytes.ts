import {readFile, stat} from 'node:fs/promises'
import {promisify} from 'node:util'
import {gunzip} from 'node:zlib'
import {environmentError} from '../errors.ts'
import {badData, MAX_FILE_BYTES} from './data-files.ts'

/** A whole file, unpacked where it is gzip. Throws E_FILE_MISSING and E_DATA, naming the file. */
export async function readBytes(path: string): Promise<Uint8Array> {
  const bytes = await readRegular(path)
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return plain(bytes)
  return promisify(gunzip)(bytes, {maxOutputLength: MAX_FILE_BYTES}).then(plain, (error: unknown) => {
    throw badData(path, 'cannot be unpacked', 'Is the file whole? Download it again.', error)
  })
}

/** The bytes of a file, as it is; a pipe or a device could be read for ever. Throws E_FILE_MISSING and E_DATA. */
export async function readRegular(path: string): Promise<Buffer> {
  const found = await stat(path).catch(() => undefined)
  if (found && !found.isFile())
    throw badData(path, 'is not a regular file', 'Give a file, or a folder of files.')
  if (!found)
    throw environmentError({
      code: 'E_FILE_MISSING',
      message: `There is no file ${path}.`,
      hints: ['Check the path; it is relative to the current folder.'],
    })
  if (found.size > MAX_FILE_BYTES)
    throw badData(path, `is too large (${found.size} bytes)`, 'Give at most 2 GiB a file.')
  return readFile(path)
}

/** Not a Buffer, whose `slice` would share memory where a Uint8Array's copies. */
const plain = ({buffer, byteOffset, length}: Buffer): Uint8Array => new Uint8Array(buffer, byteOffset, length)
