import {readFile, rm, writeFile} from 'node:fs/promises'
import {hostname} from 'node:os'
import {setTimeout as sleep} from 'node:timers/promises'
import type {Context} from '../../context.ts'

/** Runs `work` while no other process holds `path`; waits for one that does, and takes over from one that died. */
export async function withLock<T>(
  path: string,
  {progress, signal}: Pick<Context, 'progress' | 'signal'>,
  work: () => Promise<T>,
): Promise<T> {
  const me = `${process.pid} ${hostname()}`
  let told = false
  while (!(await take(path, me))) {
    signal.throwIfAborted()
    const holder = await readFile(path, 'utf8').catch(() => undefined)
    if (holder !== undefined && isDead(holder)) await rm(path, {force: true})
    else if (holder !== undefined) {
      if (!told)
        progress.note(
          `Another installation is under way (process ${holder}); waiting for it to end. If there is none, remove ${path}.`,
        )
      told = true
      await sleep(500, undefined, {signal})
    }
  }
  try {
    return await work()
  } finally {
    await rm(path, {force: true})
  }
}

const take = (path: string, me: string): Promise<boolean> =>
  writeFile(path, me, {flag: 'wx'}).then(
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
