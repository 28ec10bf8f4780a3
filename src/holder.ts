import {readFileSync} from 'node:fs'
import {hostname} from 'node:os'

/** This process, told apart from a later one with the same number. */
export const thisProcess = (): string => `${process.pid} ${hostname()} ${startOf(process.pid) ?? '-'}`

/** Is it surely gone? Only of processes on this machine can we tell. */
export function isGone(holder: string): boolean {
  const [pid = '', host, started] = holder.split(' ')
  if (host !== hostname() || !/^\d+$/.test(pid)) return false
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
  const now = startOf(Number(pid))
  return started !== undefined && started !== '-' && now !== undefined && now !== started
}

/** Since boot, in the system's ticks; on Linux alone. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold spaces; the start is the 20th field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
