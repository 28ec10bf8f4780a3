import {randomUUID} from 'node:crypto'
import {link, readFile, rename, rm, writeFile} from 'node:fs/promises'
import {isGone, thisProcess} from './holder.ts'

export interface Lock extends AsyncDisposable {
  readonly path: string
}

/**
 * Makes the file, as a sign that this process is at something; disposing of it removes it. Where another process holds it,
 * gives who: its process number and its machine. One that a dead process of this machine left is taken over; who knows
 * of processes on other machines says so with `isDead`. Throws what the system says where no file can be made.
 */
export async function takeLock(
  path: string,
  {isDead = isGone}: {readonly isDead?: (holder: string) => boolean | Promise<boolean>} = {},
): Promise<Lock | {readonly heldBy: string}> {
  let holder = ''
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await make(path)) return {path, [Symbol.asyncDispose]: () => rm(path, {force: true})}
    holder = await readFile(path, 'utf8').catch(() => '')
    // One without content was being written when its machine stopped.
    if (holder !== '' && !(await isDead(holder))) break
    await putAway(path, holder)
  }
  return {heldBy: holder.split(' ', 2).join(' ')}
}

/** All at once, so that nobody sees it without its content; where the disk has no links, as well as it can. */
async function make(path: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`
  const content = `${thisProcess()} ${randomUUID()}`
  await writeFile(draft, content, {flag: 'wx'})
  try {
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') throw error
      return writeFile(path, content, {flag: 'wx'})
    })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, {force: true})
  }
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
