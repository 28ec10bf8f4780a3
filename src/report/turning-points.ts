import {RANKING_MODELS} from '../audit/judge.ts'
import type {Policy} from '../audit/policy.ts'
import type {Demonstration, Report} from '../audit/report-schema.ts'
import {number, percent, plural, pValue} from './figures.ts'
import {byStrength} from '../audit/by-strength.ts'
import {onWords} from './key-figures.ts'
import {strengthOf, thresholds} from './strength.ts'

/**
 * What would have to be otherwise for another verdict, by the policy that the report holds, a sentence each; none where
 * nothing was audited or the file alone decides.
 */
export function turningPoints(report: Report): readonly string[] {
  if (report.verdict === 'error' || report.verdict === 'skipped' || report.findings.length === 0) return []
  const policy = thresholds(report)
  const [strongest] = byStrength(report.demonstrations)
  return [...(strongest ? [ofTrigger(strongest, policy)] : []), ...ofStatistics(report, policy)]
}

function ofTrigger(one: Demonstration, policy: Policy): string {
  const {asr, partial, margin} = policy.demonstration
  const block = whole(one.on === 'teacher' ? asr : policy.transfer.studentAsr)
  const beyond = `${number(margin * 100)} points beyond its random controls`
  const measured = `The trigger furthest beyond its random controls moves ${percent(one.asr)} of images on ${onWords[one.on]}, those ${percent(one.controlAsr)}.`
  switch (strengthOf(one, policy)) {
    case 'works':
      return `${measured} Below ${block}, or less than ${beyond}, none like it would block.`
    case 'partly':
      return `${measured} From ${block} on it would block; below ${whole(partial)}, or less than ${beyond}, it would be no ground for a review.`
    case 'weak':
      return `${measured} From ${whole(partial)} on, and ${beyond}, it would ask for a review, from ${block} on it would block.`
  }
}

function ofStatistics({calibration}: Report, {block, review}: Policy): readonly string[] {
  const {fused, models, applies, likeness} = calibration
  if (!applies)
    return [
      'Its statistics count for little, since there are no clean models of its kind to compare with; abd detect calibrate makes a calibration of yours.',
    ]
  if (!fused) return []
  const enough =
    likeness === 'related'
      ? 'they would not block, since those are of other architectures or numbers of classes'
      : models >= RANKING_MODELS
        ? `at ${pValue(block.p)} or below it would block`
        : `to block by it takes ${RANKING_MODELS} clean models of its kind, and there are ${models}`
  return [
    `Its statistics rank at p = ${pValue(fused.pValue)} among ${plural(models, 'clean model')}: ${fused.pValue <= review.p ? 'above' : 'at or below'} ${pValue(review.p)} they would ${fused.pValue <= review.p ? 'be no ground for' : 'ask for'} a review; ${enough}.`,
  ]
}

const whole = (fraction: number): string => `${number(fraction * 100)} %`
