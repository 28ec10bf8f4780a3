import {usageError} from '../errors.ts'

/** Before the work: what goes to the path that `flag` names is a PNG. Throws E_OUT. */
export function checkPngPath(flag: string, path: string): void {
  if (/\.png$/i.test(path)) return
  throw usageError({
    code: 'E_OUT',
    message: `${flag} ${path}: the sheet is a PNG.`,
    hints: ['Give a name that ends in .png.'],
  })
}
