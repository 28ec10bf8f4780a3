import {randomUUID} from 'node:crypto'
import {link, readFile, rename, rm, writeFile} from 'node:fs/promises'
import {isGone, thisProcess} from './holder.ts'

/** Holds `path` while `work` runs, or answers undefined where another process does; one that died holds nothing. */
export async function tryLock<T>(path: string, work: () => Promise<T>): Promise<{value: T} | undefined> {
  if (!(await take(path))) return undefined
  try {
    return {value: await work()}
  } finally {
    await rm(path, {force: true})
  }
}

async function take(path: string): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await writeFile(path, `${thisProcess()} ${randomUUID()}`, {flag: 'wx'})
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = await readFile(path, 'utf8').catch(() => '')
    // A lock without content is one that is being written, or was when the machine stopped.
    if (holder !== '' && !isGone(holder)) return false
    await putAway(path, holder)
  }
  return false
}

/** Removes the lock of one that died, unless somebody else has taken it over meanwhile: then it is put back. */
async function putAway(path: string, dead: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  try {
    await rename(path, aside)
  } catch {
    return
  }
  if ((await readFile(aside, 'utf8')) !== dead) await link(aside, path).catch(() => undefined)
  await rm(aside, {force: true})
}
