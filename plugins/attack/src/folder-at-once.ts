import {environmentError, makeFolder, usageError} from '@abd/core'
import {checkWritable, outputError} from '@abd/core/report'
import {lstat, mkdtemp, rename, rm} from 'node:fs/promises'
import {basename, dirname, join, resolve} from 'node:path'

/** Before the work whose result is a new folder. Throws E_OUT_EXISTS where something is in its place, E_OUT_UNWRITABLE. */
export async function checkNewFolder(path: string): Promise<void> {
  if (await lstat(path).catch(() => undefined))
    throw usageError({
      code: 'E_OUT_EXISTS',
      message: `--out ${path} is there already, and nothing is replaced.`,
      hints: ['Choose another name with --out, or remove it first.'],
    })
  await checkWritable(dirname(resolve(path)))
}

/**
 * A folder that appears whole or not at all: `fill` writes into one beside it, which is renamed when all is written and
 * removed when anything fails. Throws E_OUT_UNWRITABLE and E_DISK_FULL.
 */
export async function folderAtOnce(path: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const target = resolve(path)
  let temporary: string | undefined
  try {
    await makeFolder(dirname(target))
    temporary = await mkdtemp(join(dirname(target), `.${basename(target)}-`))
    await fill(temporary)
    if (await lstat(target).catch(() => undefined))
      throw environmentError({
        code: 'E_OUT_UNWRITABLE',
        message: `Cannot write to ${path}: something else put a file or a folder there meanwhile.`,
        hints: ['Choose another name with --out.'],
      })
    await rename(temporary, target)
  } catch (error) {
    if (temporary !== undefined) await rm(temporary, {recursive: true, force: true})
    throw outputError(error, path)
  }
}
