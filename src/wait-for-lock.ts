import {takeLock} from './take-lock.ts'
import type {Lock} from './take-lock.ts'

/** As `takeLock`, asking so often, with a pause between two times. */
export async function waitForLock(
  path: string,
  {times, pause}: {readonly times: number; readonly pause: () => Promise<unknown>},
): Promise<Lock | {readonly heldBy: string}> {
  for (let asked = 1; ; asked++) {
    const lock = await takeLock(path)
    if ('path' in lock || asked === times) return lock
    await pause()
  }
}
