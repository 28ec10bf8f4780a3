import type {Report, Verdict} from '../../src/audit/report-schema.ts'
import type {Inputs} from './inputs.ts'

/** From the worst on; what could not be audited is worse than what needs a look. */
export const worstFirst = [
  'block',
  'error',
  'review',
  'pass',
  'skipped',
] as const satisfies readonly Verdict[]

/** One for all models: the worst; skipped where there are none. */
export const overallVerdict = (reports: readonly Pick<Report, 'verdict'>[]): Verdict =>
  worstFirst.find((verdict) => reports.some((report) => report.verdict === verdict)) ?? 'skipped'

/** Whether the check is red. */
export function isRed(
  reports: readonly Pick<Report, 'verdict'>[],
  inputs: Pick<Inputs, 'fail-on' | 'on-error' | 'no-models'>,
): boolean {
  const has = (verdict: Verdict) => reports.some((report) => report.verdict === verdict)
  const failOn = inputs['fail-on']
  return (
    (has('block') && failOn !== 'never') ||
    (has('review') && failOn === 'review') ||
    (has('error') && inputs['on-error'] === 'fail') ||
    (reports.length === 0 && inputs['no-models'] === 'fail')
  )
}
