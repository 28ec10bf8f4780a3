import type {AbdErrorOptions} from '@abd/core'
import {environmentError} from '@abd/core'
import {execa} from 'execa'

/**
 * Audits a version in a process of its own, which writes the verdict to the registry and the run to MLflow. Rejects where
 * that process could not be started, was killed, or ended without a report.
 */
export async function auditVersion(
  address: string,
  {
    options,
    signal,
    environment,
  }: {
    /** Further words of `abd audit`. */
    readonly options: readonly string[]
    readonly signal: AbortSignal
    readonly environment: Readonly<Record<string, string>>
  },
): Promise<void> {
  signal.throwIfAborted()
  const child = execa(
    process.execPath,
    [...process.execArgv, process.argv[1]!, 'audit', address, ...options, '--json'],
    {
      stdin: 'ignore',
      stderr: 'inherit',
      reject: false,
      maxBuffer: 1e8,
      env: environment,
      killSignal: 'SIGTERM',
      forceKillAfterDelay: false,
    },
  )
  const end = () => child.kill('SIGTERM')
  signal.addEventListener('abort', end, {once: true})
  try {
    const {stdout, exitCode} = await child
    signal.throwIfAborted()
    // 3 is a verdict, and so is 4 where there is a report.
    const printed = jsonIn(stdout)
    if (Array.isArray(printed) && printed.length > 0) return
    const told = (printed as {error?: Omit<AbdErrorOptions, 'exit'>} | undefined)?.error
    throw environmentError(
      told ?? {
        code: 'E_JOB',
        message: `abd audit ended with ${exitCode ?? 'a signal'} and without a report.`,
      },
    )
  } finally {
    signal.removeEventListener('abort', end)
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
