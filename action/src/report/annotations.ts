import type {Report} from '../../../src/audit/report-schema.ts'
import {scannedOnly} from './scanned-only.ts'
import {safeLine} from '../safe-line.ts'

export interface Annotation {
  readonly level: 'error' | 'warning'
  readonly title: string
  readonly message: string
  readonly file?: string
}

/** GitHub keeps ten of a level for a step, and drops the rest without a word; one is left for what ends the job. */
const MOST = 9

export function annotationsOf(reports: readonly Report[]): Annotation[] {
  const all = reports
    .filter(({verdict}) => verdict === 'block' || verdict === 'error' || verdict === 'review')
    .map((report): Annotation => ({
      level: report.verdict === 'review' ? 'warning' : 'error',
      title: scannedOnly(report)
        ? `abd: not audited, only scanned (${report.verdict})`
        : `abd: ${report.verdict}`,
      message: `${safeLine(report.model.path, 120)}: ${safeLine(report.reasons.join(' ') || 'see the report', 600)}`,
      // A name that is not what it looks like has no place among a command's properties.
      ...(safeLine(report.model.path, 4096) === report.model.path ? {file: report.model.path} : {}),
    }))
  return (['error', 'warning'] as const).flatMap((level) => {
    const some = all.filter((one) => one.level === level)
    if (some.length <= MOST) return some
    const more = some.length - MOST + 1
    const message = `${more} more models: see the job summary and report.html.`
    return [...some.slice(0, MOST - 1), {level, title: 'abd', message}]
  })
}
