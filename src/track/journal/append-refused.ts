import {open} from 'node:fs/promises'
import {within} from './folder.ts'

/** Keeps what the server will never take, with its reason; on the disk before the replay goes on. */
export async function appendRefused(
  folder: string,
  entry: {readonly reason: string} & Readonly<Record<string, unknown>>,
): Promise<void> {
  await using file = await open(within(folder).refused, 'a')
  await file.writeFile(`${JSON.stringify(entry)}\n`)
  await file.sync()
}
