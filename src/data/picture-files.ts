import {readdir} from 'node:fs/promises'
import {join} from 'node:path'

/** The PNG and JPEG files of a folder by their names' endings, sorted by code units; hidden ones are left out. */
export async function pictureFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, {withFileTypes: true})
  return entries
    .filter((entry) => !entry.isDirectory() && /^[^.].*\.(png|jpe?g)$/i.test(entry.name))
    .map((entry) => entry.name)
    .sort()
    .map((name) => join(folder, name))
}
