import {existsSync, mkdirSync, renameSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** For one that brings a package: longer than this it does not take. */
export const PATIENCE = 240_000

/**
 * The folder of a package that `bring` unpacks into one that is empty, found again by later runs (in ABD_TEST_CACHE, else the
 * system's temporary folder); undefined, with a loud word, where it cannot be brought. `what`: 'pip does not bring lpips'.
 */
export function unpackedOnce(
  name: string,
  what: string,
  bring: (folder: string) => void,
): string | undefined {
  const cache = process.env['ABD_TEST_CACHE'] ?? join(tmpdir(), 'abd-test-packages')
  const folder = join(cache, name)
  if (existsSync(folder)) return folder
  const partial = `${folder}.${process.pid}`
  try {
    mkdirSync(partial, {recursive: true})
    bring(partial)
    renameSync(partial, folder)
    return folder
  } catch (error) {
    rmSync(partial, {recursive: true, force: true})
    const reason = error instanceof Error ? error.message.split('\n').slice(0, 3).join(' ') : String(error)
    console.warn(`Skipped: ${what} (${reason}).`)
    return undefined
  }
}
