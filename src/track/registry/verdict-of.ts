import {createHash} from 'node:crypto'
import type {Report} from '../../audit/report-schema.ts'
import type {RecordedVerdict} from '../../recorder.ts'

/** Set on a version that passed; taken from it where it no longer does. */
export const PASSED = 'audit-passed'

/** Tells verdicts by one policy from those by another. */
export const policyHash = (values: Report['policy']['values']): string =>
  createHash('sha256').update(JSON.stringify(values)).digest('hex')

/** What the registry is told of a report. */
export function verdictOf(report: Report, target: RecordedVerdict['target']): RecordedVerdict {
  const {verdict, score, suspectedTarget, reasons, limits, model, tool, started} = report
  return {
    target,
    tags: {
      'abd.score': score === null ? 'none' : score.toFixed(4),
      'abd.policy_sha256': policyHash(report.policy.values),
      'abd.model_sha256': model.sha256 ?? 'none',
      'abd.suspected_target': suspectedTarget === null ? 'none' : String(suspectedTarget),
      'abd.version': tool.version,
      'abd.at': started,
      'abd.verdict': verdict,
    },
    alias: {name: PASSED, set: verdict === 'pass'},
    summary: [
      `**abd: ${verdict}**${score === null ? '' : `, score ${score.toFixed(2)}`} (${started.slice(0, 10)}, abd ${tool.version})`,
      '',
      ...reasons.slice(0, 5).map((reason) => `- ${plain(reason)}`),
      ...(limits.length > 0 ? ['', `_Not excluded: ${plain(limits[0]!)}_`] : []),
    ].join('\n'),
  }
}

/** A reason may quote what a file calls itself: no markdown of it is obeyed. */
const plain = (text: string): string =>
  text
    .replaceAll(/[\\`*_{}[\]<>()#|!]/g, '\\$&')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 500)
