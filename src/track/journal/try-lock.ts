import {takeLock} from '../../take-lock.ts'

/** Holds `path` while `work` runs, or answers undefined where another process does; one that died holds nothing. */
export async function tryLock<T>(path: string, work: () => Promise<T>): Promise<{value: T} | undefined> {
  const lock = await takeLock(path)
  if ('heldBy' in lock) return undefined
  await using _held = lock
  return {value: await work()}
}
