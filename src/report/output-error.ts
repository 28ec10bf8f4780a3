import {environmentError} from '../errors.ts'

/** What the system refused, in words that name the place and the remedy; anything else is passed on. */
export function outputError(error: unknown, place: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return environmentError({
        code: 'E_DISK_FULL',
        message: `No space is left on the device while writing to ${place}.`,
        hints: ['Free some space, or write elsewhere.'],
        cause: error,
      })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
    case 'EEXIST':
    case 'EISDIR':
    case 'ENOENT':
    case 'ENAMETOOLONG':
      return environmentError({
        code: 'E_OUT_UNWRITABLE',
        message: `Cannot write to ${place}: ${reasons[code]}.`,
        hints: ['Choose another place, or change its owner or mode.'],
        cause: error,
      })
    default:
      return error
  }
}

const reasons = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'part of the path is a file, not a folder',
  EEXIST: 'a file of that name is in the way',
  EISDIR: 'a folder of that name is in the way',
  ENOENT: 'no such folder',
  ENAMETOOLONG: 'the name is too long',
} as const
