import {spawn} from 'node:child_process'
import {environmentError} from '../../../src/errors.ts'
import {residentBytes} from '../../../src/modelfile/isolation/resident-bytes.ts'
import {endTree} from './end-tree.ts'
import {safeLine} from '../safe-line.ts'

export interface ChildCommand {
  readonly command: readonly string[]
  readonly cwd: string
  /** All of it. */
  readonly env: Readonly<Record<string, string>>
  /** Seconds. */
  readonly timeLimit: number
  /** Bytes; the process and all below it. */
  readonly memoryLimit: number
  /** Whether sudo starts it, and has to end it. */
  readonly root: boolean
  readonly signal: AbortSignal
}

/** Milliseconds between two looks at the memory. */
const LOOK = 250
/** Milliseconds for what it has said to arrive. */
const LAST_WORDS = 1000
/** Characters of what it says on standard error. */
const KEPT = 20_000

/**
 * Runs a child to its end, in a group of its own; what takes too long or too much is ended with all that it started. What
 * it prints is never printed as it is. Throws the signal's reason, E_TIME_LIMIT, E_MEMORY_LIMIT, and E_AUDIT where it did not end well.
 */
export async function runChild({
  command,
  cwd,
  env,
  timeLimit,
  memoryLimit,
  root,
  signal,
}: ChildCommand): Promise<void> {
  signal.throwIfAborted()
  const [program = '', ...args] = command
  const child = spawn(program, args, {cwd, env, stdio: ['ignore', 'ignore', 'pipe'], detached: true})
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-KEPT)))
  const end = () => {
    if (child.pid !== undefined) endTree(child.pid, root)
  }
  let why: {readonly code: 'E_TIME_LIMIT' | 'E_MEMORY_LIMIT'; message: string; hint: string} | undefined
  const stop = (because: typeof why) => {
    why ??= because
    end()
  }
  const timer = setTimeout(
    () =>
      stop({
        code: 'E_TIME_LIMIT',
        message: `The audit took longer than ${timeLimit} s and was ended.`,
        hint: 'Raise time-limit, or choose profile: quick.',
      }),
    timeLimit * 1000,
  )
  const watch = setInterval(() => {
    if (residentBytes(child.pid) > memoryLimit)
      stop({
        code: 'E_MEMORY_LIMIT',
        message: `The audit took more than ${Math.round(memoryLimit / 2 ** 20)} MiB of memory and was ended.`,
        hint: 'Raise memory-limit, where the runner has the memory, or use a larger runner.',
      })
  }, LOOK)
  signal.addEventListener('abort', end, {once: true})
  child.once('exit', () => {
    clearTimeout(timer)
    // What it left in its group; what is left elsewhere must not keep us by holding its standard error.
    end()
    setTimeout(() => child.stderr.destroy(), LAST_WORDS).unref()
  })
  try {
    const [code, killed] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject).once('close', (...end) => resolve(end))
    })
    signal.throwIfAborted()
    if (why) throw environmentError({code: why.code, message: why.message, hints: [why.hint]})
    if (code === 0) return
    const lines = said.split('\n')
    const last =
      lines.find((line) => /^(\w*Error\b|fatal error)/i.test(line)) ?? said.trim().split('\n').at(-1) ?? ''
    throw environmentError({
      code: 'E_AUDIT',
      message: `The audit ended with ${killed ?? `exit code ${code}`} and without a result: ${safeLine(last, 400) || 'it said nothing'}`,
      hints: ['Run abd audit on the file to see more.', 'If it has to do with memory, use a larger runner.'],
    })
  } finally {
    clearTimeout(timer)
    clearInterval(watch)
    signal.removeEventListener('abort', end)
  }
}
