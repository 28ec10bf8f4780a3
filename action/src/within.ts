import {lstat, realpath} from 'node:fs/promises'
import {dirname, isAbsolute, relative} from 'node:path'
import {usageError} from '../../src/errors.ts'
import {safeLine} from './safe-line.ts'

/** By the words of two absolute paths: whether one is the folder or lies below it. */
export function within(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith('../') && !isAbsolute(way)
}

/** Where the nearest folder above a path that is there really is. */
export const nearest = (path: string): Promise<string> =>
  realpath(path).catch(async (error: NodeJS.ErrnoException) => {
    // A link that leads nowhere yet is there, too.
    if (error.code !== 'ENOENT' || (await lstat(path).catch(() => undefined))) throw error
    return nearest(dirname(path))
  })

/**
 * What decides a verdict must not come with the files that are audited. Throws E_INPUT for a path in the checkout, also for one
 * that only leads there, or leads out of it through a link.
 */
export async function requireOutside(workspace: string, path: string, name: string): Promise<void> {
  const inside = within(workspace, path) || within(await realpath(workspace), await nearest(path))
  if (inside)
    throw usageError({
      code: 'E_INPUT',
      message: `${name} lies in the checkout (${safeLine(path)}): a pull request could bring it along.`,
      hints: [
        'Name a folder outside by its whole path, as in ${{ runner.temp }}/abd-verdicts; nothing expands a ~ here.',
      ],
    })
}
