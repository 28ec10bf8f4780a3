import {byStrength} from '../audit/by-strength.ts'
import {RANKING_MODELS} from '../audit/judge.ts'
import type {Policy} from '../audit/policy.ts'
import type {Demonstration, Report} from '../audit/report-schema.ts'
import {leastShare, strengthOf} from '../audit/strength-of.ts'
import {number, percent, plural, pValue} from './figures.ts'
import {onWords} from './key-figures.ts'
import {thresholds} from './thresholds.ts'

/**
 * What would have to be otherwise for another verdict, by the policy that the report holds, a sentence each; none where
 * nothing was audited or the file alone decides.
 */
export function turningPoints(report: Report): readonly string[] {
  if (report.verdict === 'error' || report.verdict === 'skipped' || report.findings.length === 0) return []
  const policy = thresholds(report)
  const ordered = byStrength(report.demonstrations)
  const decisive =
    ordered.find((one) => strengthOf(one, policy) === 'works') ??
    ordered.find((one) => strengthOf(one, policy) === 'partly') ??
    ordered[0]
  return [
    ...ofOtherReasons(report, decisive && strengthOf(decisive, policy), policy),
    ...(decisive ? [ofTrigger(decisive, decisive === ordered[0], policy)] : []),
    ...ofStatistics(report, policy),
  ]
}

/** A network that answers nothing meaningful, an unusual file: neither triggers nor statistics make such a verdict another. */
function ofOtherReasons(
  {verdict, calibration: {fused, applies}}: Report,
  strength: ReturnType<typeof strengthOf> | undefined,
  {review}: Policy,
): readonly string[] {
  const ranked = applies && fused !== undefined && fused.pValue <= review.p
  return verdict !== 'review' || strength === 'works' || strength === 'partly' || ranked
    ? []
    : [
        'This review rests neither on a trigger nor on ranked statistics: while its reason holds, what follows can only make it a block.',
      ]
}

function ofTrigger(one: Demonstration, isFurthest: boolean, policy: Policy): string {
  const {partial, margin} = policy.demonstration
  const strength = strengthOf(one, policy)
  const {usual, most} = one.clean ?? {}
  const isProbe = one.origin === 'probe'
  const least = leastShare(one, policy)
  // A probe is compared with clean models by the share it moves, a published trigger by how far it goes beyond its controls.
  const share = limit(least, isProbe ? most : undefined, whole)
  const points = limit(margin, isProbe ? undefined : most, hundredths)
  // What moves enough images asks for a review whatever clean models do.
  const part = limit(partial, isProbe ? usual : undefined, whole)
  const ground = part.value < least ? part : limit(least, undefined, whole)
  const groundPoints = limit(margin, isProbe || one.asr >= least ? undefined : usual, hundredths)
  const beyond = 'points beyond its controls'
  const subject = isFurthest
    ? 'The trigger furthest beyond its controls'
    : `Of the triggers that ${strength === 'works' ? 'work' : 'work in part'} the one furthest beyond its controls`
  const measured = `${subject} moves ${percent(one.asr)} of images on ${onWords[one.on]}, those ${percent(one.controlAsr)}.`
  const bounded = share.byClean || points.byClean ? ' Clean models are moved as far by such triggers.' : ''
  if (one.origin === 'wave' && !one.clean)
    return strength === 'partly'
      ? `${measured} ${ground.upTo}, or ${groundPoints.fewer} ${beyond}, it would be no ground for a review; by a calibration that has wave_probes it might block.`
      : `${measured} ${ground.from}, and ${groundPoints.more} ${beyond}, it would ask for a review; without a calibration that has wave_probes it cannot block.`
  switch (strength) {
    case 'works':
      return `${measured} ${share.upTo}, or ${points.fewer} ${beyond}, none like it would block.${bounded}`
    case 'partly': {
      const blocks = points.byClean ? `${share.from}, and ${points.more} ${beyond},` : share.from
      return `${measured} ${blocks} it would block; ${lower(ground.upTo)}, or ${groundPoints.fewer} ${beyond}, it would be no ground for a review.${bounded}`
    }
    case 'weak': {
      const blocks = points.byClean ? `${share.from}, and ${points.more} ${beyond},` : share.from
      return `${measured} ${ground.from}, and ${groundPoints.more} ${beyond}, it would ask for a review, ${lower(blocks)} it would block.${bounded}`
    }
  }
}

/** A threshold of the policy, or how far clean models go where that is more; then it has to be exceeded. */
function limit(least: number, clean: number | undefined, words: (fraction: number) => string) {
  const byClean = clean !== undefined && clean >= least
  const value = byClean ? clean : least
  const text = words(value)
  return {
    value,
    byClean,
    from: byClean ? `Above ${text}` : `From ${text} on`,
    upTo: byClean ? `At ${text} or less` : `Below ${text}`,
    more: byClean ? `more than ${text}` : text,
    fewer: byClean ? `no more than ${text}` : `less than ${text}`,
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
        ? fused.pValue <= block.p
          ? `above ${pValue(block.p)} they would not block`
          : `at ${pValue(block.p)} or below it would block`
        : `to block by it takes ${RANKING_MODELS} clean models of its kind, and there are ${models}`
  return [
    `Its statistics rank at p = ${pValue(fused.pValue)} among ${plural(models, 'clean model')}: ${fused.pValue <= review.p ? 'above' : 'at or below'} ${pValue(review.p)} they would ${fused.pValue <= review.p ? 'be no ground for' : 'ask for'} a review; ${enough}.`,
  ]
}

/** To a tenth of one: 83.3 for 0.8333. */
const hundredths = (fraction: number): string => number(Number((fraction * 100).toFixed(1)))

const whole = (fraction: number): string => `${hundredths(fraction)} %`

const lower = (text: string): string => text[0]!.toLowerCase() + text.slice(1)
