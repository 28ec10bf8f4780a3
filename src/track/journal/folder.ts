import envPaths from 'env-paths'
import {createHash} from 'node:crypto'
import {existsSync} from 'node:fs'
import {readFile, readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {writeAtomic} from '../../write-atomic.ts'
import {Cursor, Header} from './operations.ts'

/** `ABD_TRACK_DIR`, else a folder of the user's own data. */
export const journalFolder = (environment: Readonly<Record<string, string | undefined>>): string =>
  environment['ABD_TRACK_DIR'] || join(envPaths('abd', {suffix: ''}).data, 'track')

/** The files of one run's journal. */
export const within = (folder: string) => ({
  header: join(folder, 'run.json'),
  operations: join(folder, 'operations.jsonl'),
  blobs: join(folder, 'blobs'),
  blob: (sha256: string) => join(folder, 'blobs', sha256),
  refused: join(folder, 'refused.jsonl'),
  lock: join(folder, 'lock'),
  cursor: (uri: string) =>
    join(folder, `sent-${createHash('sha256').update(uri).digest('hex').slice(0, 12)}.json`),
})

/** Every run's folder, the oldest first, so that parents come before their children. */
export async function listJournals(root: string): Promise<string[]> {
  if (!existsSync(root)) return []
  const names = await readdir(root)
  return names
    .filter((name) => existsSync(within(join(root, name)).header))
    .sort()
    .map((name) => join(root, name))
}

export const readHeader = async (folder: string): Promise<Header> =>
  Header.parse(JSON.parse(await readFile(within(folder).header, 'utf8')))

/** How far it is on that server; at the beginning where nothing is known. */
export async function readCursor(folder: string, uri: string): Promise<Cursor> {
  const text = await readFile(within(folder).cursor(uri), 'utf8').catch(() => undefined)
  const parsed = text === undefined ? undefined : Cursor.safeParse(parse(text))
  // Sent again from the beginning, all of it comes to the same.
  return parsed?.success ? parsed.data : {uri, done: 0, creating: false, refused: 0, ended: false}
}

export const writeCursor = (folder: string, cursor: Cursor): Promise<void> =>
  writeAtomic(within(folder).cursor(cursor.uri), [`${JSON.stringify(cursor)}\n`])

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
