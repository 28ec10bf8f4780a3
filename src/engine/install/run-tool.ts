import {execa} from 'execa'

export interface Outcome {
  readonly failed: boolean
  readonly stderr: string
}

/**
 * Runs a program to its end, or to the signal's: it leads its own process group, so that an interrupt also reaches
 * what it started (the python of a version manager is a shell script that does). Throws only when interrupted.
 */
export async function runTool(
  command: string,
  args: readonly string[],
  {signal, env = {}}: {signal: AbortSignal; env?: Readonly<Record<string, string>>},
): Promise<Outcome> {
  signal.throwIfAborted()
  const child = execa(command, args, {reject: false, detached: true, env})
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
