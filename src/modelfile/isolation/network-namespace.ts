import {spawnSync} from 'node:child_process'

const TRIES = [['-rn'], ['-n']] as const

let found: readonly string[] | null | undefined

/**
 * The words before a command that take the network away from it (Linux: `unshare`), or null where the system does not
 * let an ordinary user do that. Asked once a process.
 */
export function withoutNetwork(): readonly string[] | null {
  if (found !== undefined) return found
  const works = (flags: readonly string[]) =>
    spawnSync('unshare', [...flags, 'true'], {stdio: 'ignore', timeout: 2000}).status === 0
  const flags = process.platform === 'linux' ? TRIES.find(works) : undefined
  found = flags ? ['unshare', ...flags] : null
  return found
}
