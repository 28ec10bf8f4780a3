import {setTimeout as sleep} from 'node:timers/promises'
import type {Context} from '../../context.ts'
import {takeLock} from '../../take-lock.ts'

/** Runs `work` while no other process holds `path`; waits for one that does, and takes over from one that died. */
export async function withLock<T>(
  path: string,
  {progress, signal}: Pick<Context, 'progress' | 'signal'>,
  work: () => Promise<T>,
): Promise<T> {
  let told = false
  for (;;) {
    const lock = await takeLock(path)
    if ('heldBy' in lock) {
      if (!told)
        progress.note(
          `Another installation is under way (process ${lock.heldBy}); waiting for it to end. If there is none, remove ${path}.`,
        )
      told = true
      await sleep(500, undefined, {signal})
      continue
    }
    try {
      return await work()
    } finally {
      await lock[Symbol.asyncDispose]()
    }
  }
}
