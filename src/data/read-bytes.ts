import {readFile, stat} from 'node:fs/promises'
import {promisify} from 'node:util'
import {gunzip} from 'node:zlib'
import {environmentError} from '../errors.ts'
import {badData, MAX_FILE_BYTES} from './data-files.ts'

/** A whole file, unpacked where it is gzip. Throws E_FILE_MISSING and E_DATA, naming the file. */
export async function readBytes(path: string): Promise<Uint8Array> {
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile())
    throw environmentError({
      code: 'E_FILE_MISSING',
      message: `There is no file ${path}.`,
      hints: ['Check the path; it is relative to the current folder.'],
    })
  if (found.size > MAX_FILE_BYTES)
    throw badData(path, `is too large (${found.size} bytes)`, 'Give at most 2 GiB a file.')
  const bytes = await readFile(path)
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return plain(bytes)
  return promisify(gunzip)(bytes, {maxOutputLength: MAX_FILE_BYTES}).then(plain, (error: unknown) => {
    throw badData(path, 'cannot be unpacked', 'Is the file whole? Download it again.', error)
  })
}

/** Not a Buffer, whose `slice` would share memory where a Uint8Array's copies. */
const plain = ({buffer, byteOffset, length}: Buffer): Uint8Array => new Uint8Array(buffer, byteOffset, length)
