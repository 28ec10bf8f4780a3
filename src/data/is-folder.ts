import type {Dirent} from 'node:fs'
import {stat} from 'node:fs/promises'
import {join} from 'node:path'

/** Is an entry of `parent` a folder, or a link to one? */
export const isFolder = async (parent: string, entry: Dirent): Promise<boolean> =>
  entry.isDirectory() ||
  (entry.isSymbolicLink() &&
    (await stat(join(parent, entry.name)).then(
      (found) => found.isDirectory(),
      () => false,
    )))
