import {execFileSync} from 'node:child_process'
import {readdirSync, readFileSync} from 'node:fs'

/**
 * Ends a process, its group and all that descend from it, whatever session they are in and whatever signals they ignore. What
 * makes namespaces ends what is in them; without namespaces, one that its parent left behind is no longer a descendant. `root`:
 * by sudo, which started them.
 */
export function endTree(pid: number, root: boolean): void {
  // Halted first: what forks meanwhile is found in the next round.
  const found = new Set<number>()
  for (;;) {
    const more = [pid, ...below(pid)].filter((one) => !found.has(one))
    if (more.length === 0) break
    for (const one of more) found.add(one)
    send('STOP', more, root)
  }
  send('KILL', [-pid, ...found], root)
}

function send(signal: 'STOP' | 'KILL', pids: readonly number[], root: boolean): void {
  if (root) {
    const words = ['--non-interactive', 'kill', '-s', signal, '--', ...pids.map(String)]
    try {
      execFileSync('sudo', words, {stdio: 'ignore', timeout: 10_000})
    } catch {
      // Some have ended meanwhile.
    }
    return
  }
  for (const pid of pids)
    try {
      process.kill(pid, `SIG${signal}`)
    } catch {
      // It has ended meanwhile.
    }
}

/** All descendants, on Linux; none elsewhere. */
function below(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of processes()) {
    const parent = parentOf(name)
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const all: number[] = []
  const next = [pid]
  for (let one = next.pop(); one !== undefined; one = next.pop()) {
    const own = children.get(one) ?? []
    all.push(...own)
    next.push(...own)
  }
  return all
}

function processes(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
}

/** After the name, which may hold anything, in brackets: state and parent. */
function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}
