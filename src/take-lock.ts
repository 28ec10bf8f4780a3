import {readFile, rm, writeFile} from 'node:fs/promises'
import {hostname} from 'node:os'

export interface Lock extends AsyncDisposable {
  readonly path: string
}

/**
 * Makes the file, as a sign that this process is at something; disposing of it removes it. Where another process holds it,
 * gives who: its process number and its machine. One that a dead process of this machine left is taken over. Throws
 * what the system says where no file can be made.
 */
export async function takeLock(path: string): Promise<Lock | {readonly heldBy: string}> {
  for (;;) {
    if (await make(path)) return {path, [Symbol.asyncDispose]: () => rm(path, {force: true})}
    const heldBy = await readFile(path, 'utf8').catch(() => undefined)
    if (heldBy === undefined) continue
    if (!isDead(heldBy)) return {heldBy}
    await rm(path, {force: true})
  }
}

const make = (path: string): Promise<boolean> =>
  writeFile(path, `${process.pid} ${hostname()}`, {flag: 'wx'}).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )

/** Only of processes on this machine can we tell. */
function isDead(holder: string): boolean {
  const [pid, host] = holder.split(' ')
  if (host !== hostname()) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
