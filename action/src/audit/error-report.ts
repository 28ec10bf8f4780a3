import type {AuditDeps, AuditOptions} from '../../../src/audit/audit-file.ts'
import {emptyReport} from '../../../src/audit/empty-report.ts'
import {planOf} from '../../../src/audit/plan.ts'
import type {Policy} from '../../../src/audit/policy.ts'
import type {Report} from '../../../src/audit/report-schema.ts'

export interface Settings {
  readonly policy: Policy
  readonly policySource: string
  readonly seed: number
}

/** A report of a model that no engine saw. */
export function unseenReport(path: string, {policy, policySource, seed}: Settings, now: () => Date): Report {
  const options: AuditOptions = {plan: planOf('quick'), policy, policySource, seed, asked: {}, triggers: []}
  const context = {engine: {name: '', version: '', device: ''}} as unknown as AuditDeps['context']
  return {...emptyReport(path, options, {context, now} as AuditDeps), engine: null}
}

/** The model could not be audited: why, and what to do. */
export const errorReport = (
  path: string,
  {message, hints = []}: {readonly message: string; readonly hints?: readonly string[]},
  settings: Settings,
  now: () => Date,
): Report => ({
  ...unseenReport(path, settings, now),
  reasons: [message],
  advice: [...hints],
  limits: ['Nothing was audited: an error is not a pass.'],
})
