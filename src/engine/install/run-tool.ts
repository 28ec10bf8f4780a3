import {execa} from 'execa'

export interface Outcome {
  readonly failed: boolean
  readonly stderr: string
}

/**
 * Where tools run. Python looks for its modules in the current folder first, and that may be a stranger's checkout with a
 * pip.py in it.
 */
export const neutral = '/'

/**
 * Runs a program to its end, or to the signal's: it leads its own process group, so that an interrupt also reaches
 * what it started (the python of a version manager is a shell script that does). Throws only when interrupted. Paths in
 * `args` are absolute.
 */
export async function runTool(
  command: string,
  args: readonly string[],
  {signal, env = {}}: {signal: AbortSignal; env?: Readonly<Record<string, string>>},
): Promise<Outcome> {
  signal.throwIfAborted()
  const child = execa(command, args, {reject: false, detached: true, env, cwd: neutral})
  const stop = () => {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It has ended meanwhile.
    }
  }
  signal.addEventListener('abort', stop, {once: true})
  try {
    const {failed, stderr} = await child
    signal.throwIfAborted()
    return {failed, stderr}
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
