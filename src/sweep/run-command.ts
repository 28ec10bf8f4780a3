import {spawn} from 'node:child_process'
import {open} from 'node:fs/promises'

/** How a command ended. */
export interface CommandEnd {
  /** Null where a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string | null
  /** The last lines that it wrote on the standard error. */
  readonly lastWords: string
  /** It took longer than it may. */
  readonly isOverTime: boolean
  /** Why its log could not be written. */
  readonly logError: unknown
}

const MOST_OUTPUT = 100_000_000
const LAST_WORDS = 4000
/** Milliseconds from its end until nobody waits for its output any more. */
const PATIENCE = 5000

/** Milliseconds from the request to end to the end: a step, and the checkpoint. */
const GRACE = 60_000

/**
 * Runs a program without a shell. What it says on the standard error goes to a log; that of an earlier attempt stays above
 * it. Asked to end by the signal or by the time, it may keep its checkpoint first. Rejects where it cannot be started.
 */
export async function runCommand(
  program: string,
  words: readonly string[],
  {
    directory,
    environment,
    log,
    seconds,
    signal,
  }: {
    readonly directory: string
    readonly environment: Readonly<Record<string, string | undefined>>
    /** Path. */
    readonly log: string
    readonly seconds: number | null
    readonly signal: AbortSignal
  },
): Promise<CommandEnd> {
  await using file = await open(log, 'a')
  const child = spawn(program, words, {
    cwd: directory,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: what it starts is ended with it.
    detached: true,
  })
  const stdout: Buffer[] = []
  let bytes = 0
  child.stdout.on('data', (some: Buffer) => {
    bytes += some.length
    if (bytes <= MOST_OUTPUT) stdout.push(some)
  })
  let lastWords = ''
  let logError: unknown
  let writing = Promise.resolve()
  child.stderr.on('data', (some: Buffer) => {
    lastWords = (lastWords + some.toString()).slice(-LAST_WORDS)
    writing = writing
      .then(() => file.appendFile(some))
      .catch((error: unknown) => {
        logError ??= error
      })
  })
  let isOverTime = false
  let force: NodeJS.Timeout | undefined
  const kill = (how: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, how)
    } catch {
      // It has ended already.
    }
  }
  const end = () => {
    kill('SIGTERM')
    force ??= setTimeout(() => kill('SIGKILL'), GRACE)
  }
  const timer =
    seconds === null
      ? undefined
      : setTimeout(
          () => {
            isOverTime = true
            end()
          },
          Math.min(1000 * seconds, 2 ** 31 - 1),
        )
  signal.addEventListener('abort', end, {once: true})
  if (signal.aborted) end()
  try {
    const [code, by] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (...how) => resolve(how))
      child.once('exit', (...how) => {
        // Something that it left behind may hold its output for ever.
        setTimeout(() => {
          child.stdout.destroy()
          child.stderr.destroy()
          resolve(how)
        }, PATIENCE).unref()
      })
    })
    await writing
    return {
      code,
      signal: by,
      stdout: bytes <= MOST_OUTPUT ? Buffer.concat(stdout).toString() : null,
      lastWords: lastWords.trim(),
      isOverTime,
      logError,
    }
  } finally {
    clearTimeout(timer)
    clearTimeout(force)
    signal.removeEventListener('abort', end)
  }
}
