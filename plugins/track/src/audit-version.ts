import {environmentError} from '@abd/core'

/** Runs a command of `abd` and answers what it prints as JSON. */
type RunAbd = (command: readonly string[]) => Promise<unknown>

/**
 * Audits a version in a process of its own, which writes the verdict to the registry and the run to MLflow; `options` are
 * further words of `abd audit`. Rejects where that process could not be started, was killed, or ended without a report.
 */
export async function auditVersion(address: string, options: readonly string[], run: RunAbd): Promise<void> {
  const printed = await run(['audit', address, ...options])
  if (Array.isArray(printed) && printed.length > 0) return
  throw environmentError({code: 'E_JOB', message: `abd audit of ${address} ended without a report.`})
}
