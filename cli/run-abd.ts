import type {AbdErrorOptions} from '@abd/core'
import {environmentError} from '@abd/core'

/** This program, to be started again. */
export interface Program {
  /** Of Node. */
  readonly node: string
  readonly arguments: readonly string[]
}

/** How this very process was started. */
export const thisProgram = (): Program => ({
  node: process.execPath,
  arguments: [...process.execArgv, process.argv[1]!],
})

/**
 * Runs a command of `abd` in a process of its own and answers what it prints as JSON; `accept` are the exit codes with which
 * it has a result (by default 0), `environment` is added to ours. Its progress goes to the standard error that it shares with
 * us, unless `quiet`. Throws what the command says as an error, with its code, and the signal's reason once it is aborted:
 * the command is asked to end and waited for, so that it can keep its checkpoint.
 */
export async function runAbd(
  command: readonly string[],
  {
    program,
    signal,
    accept = [0],
    quiet = false,
    environment = {},
  }: {
    readonly program: Program
    readonly signal: AbortSignal
    readonly accept?: readonly number[]
    readonly quiet?: boolean
    readonly environment?: Readonly<Record<string, string>>
  },
): Promise<unknown> {
  signal.throwIfAborted()
  const {execa} = await import('execa')
  const child = execa(program.node, [...program.arguments, ...command, '--json'], {
    stdin: 'ignore',
    stderr: quiet ? 'ignore' : 'inherit',
    reject: false,
    env: environment,
    maxBuffer: 1e8,
    // A terminal's Ctrl-C reaches the child by itself; a second SIGINT would kill it in the middle of a step.
    killSignal: 'SIGTERM',
    forceKillAfterDelay: false,
  })
  const end = () => child.kill('SIGTERM')
  signal.addEventListener('abort', end, {once: true})
  try {
    const {stdout, exitCode} = await child
    signal.throwIfAborted()
    const printed = jsonIn(stdout)
    if (accept.includes(exitCode ?? -1) && printed !== undefined && !isError(printed)) return printed
    throw failure(printed, exitCode)
  } finally {
    signal.removeEventListener('abort', end)
  }
}

const isError = (printed: unknown): boolean =>
  typeof printed === 'object' && printed !== null && 'error' in printed

function failure(printed: unknown, exitCode: number | undefined): Error {
  const told = (printed as {error?: Omit<AbdErrorOptions, 'exit'>} | undefined)?.error
  const end = exitCode === undefined ? 'was killed' : `ended with exit code ${exitCode} and without a result`
  return environmentError(told ?? {code: 'E_JOB', message: `The command ${end}.`})
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
