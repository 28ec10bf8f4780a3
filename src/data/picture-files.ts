import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {isFolder} from './is-folder.ts'

/**
 * The PNG, JPEG, PPM and PGM files of a folder by their names' endings, sorted by code units; hidden ones and folders of such a name
 * are left out.
 */
export async function pictureFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, {withFileTypes: true})
  const named = entries.filter(({name}) => /^[^.].*\.(png|jpe?g|p[pg]m)$/i.test(name))
  const folders = await Promise.all(named.map((entry) => isFolder(folder, entry)))
  return named
    .filter((_, i) => !folders[i])
    .map(({name}) => name)
    .sort()
    .map((name) => join(folder, name))
}
