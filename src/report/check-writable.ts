import {access, constants, lstat, mkdtemp, rm} from 'node:fs/promises'
import {dirname, join, relative, resolve} from 'node:path'
import {makeFolder} from '../make-folder.ts'
import {outputError} from './output-error.ts'

/**
 * Sees, before anything is computed, that files can be made in a folder, or that the folder can be made, and leaves
 * nothing behind: whoever writes makes it. Throws E_OUT_UNWRITABLE or E_DISK_FULL (exit code 4).
 */
export async function checkWritable(directory: string): Promise<void> {
  const wanted = resolve(directory)
  try {
    let there = wanted
    while (!(await isThere(there)) && dirname(there) !== there) there = dirname(there)
    // With the dot a file is refused.
    await access(`${there}/.`, constants.W_OK | constants.X_OK)
    if (there !== wanted) await tryFolder(there, relative(there, wanted))
  } catch (error) {
    throw outputError(error, directory)
  }
}

// A link that leads nowhere is in the way too.
const isThere = async (path: string) => (await lstat(path).catch(() => undefined)) !== undefined

/**
 * Under a name of its own, which no other process takes for the folder itself. Permission says nothing of a place that
 * refuses new folders to everybody (/proc) or of a name that is too long.
 */
async function tryFolder(parent: string, name: string): Promise<void> {
  const trial = await mkdtemp(join(parent, '.abd-'))
  try {
    await makeFolder(join(trial, name))
  } finally {
    await rm(trial, {recursive: true, force: true})
  }
}
