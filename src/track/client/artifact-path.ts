import {TrackingError} from './tracking-error.ts'

/**
 * A name within a run's artifacts, as a server or a user gives it, is no way out of a folder: relative, with `/` only,
 * without empty parts, `.`, `..`, control characters or a drive. Throws E_TRACKING_PATH.
 */
export function checkArtifactPath(path: string): string {
  const parts = path.split('/')
  const reason =
    path.length > 1000
      ? 'it is too long'
      : // eslint-disable-next-line no-control-regex -- these are what no name may have
        /[\u0000-\u001f\u007f\\]/.test(path)
        ? 'it has a backslash or a control character'
        : /^[A-Za-z]:/.test(path)
          ? 'it names a drive'
          : parts.some((part) => ['', '.', '..'].includes(part))
            ? 'a part of it is empty or leads elsewhere'
            : undefined
  if (reason === undefined) return path
  throw new TrackingError({
    kind: 'refused',
    code: 'E_TRACKING_PATH',
    message: `${JSON.stringify(path.slice(0, 200))} is no name of an artifact: ${reason}.`,
    hints: ['Nothing was written.'],
  })
}

/** A server decodes names twice, and refuses `#`. */
export const storableArtifactPath = (path: string): string => checkArtifactPath(path.replaceAll(/[#%]/g, '_'))
