import {existsSync} from 'node:fs'
import {usageError} from '../errors.ts'

/** Before the work that will read `path`, which the user gave as `flag`: it is there. Throws E_PATH. */
export function checkInput(flag: string, path: string): void {
  if (existsSync(path)) return
  throw usageError({
    code: 'E_PATH',
    message: `${flag} ${path}: there is no such file or folder.`,
    hints: ['Check the path.'],
  })
}
