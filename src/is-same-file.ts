import {stat} from 'node:fs/promises'

/** Do both paths lead to one file that is there? */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => stat(path).catch(() => undefined)))
  return Boolean(a?.isFile()) && a!.ino === b?.ino && a!.dev === b.dev
}
