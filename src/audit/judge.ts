import {beyondControls, byStrength} from './by-strength.ts'
import {isBeyondClean} from './clean-bounds.ts'
import type {Likeness} from './likeness.ts'
import type {Policy} from './policy.ts'
import type {Demonstration, ScanFinding, Verdict} from './report-schema.ts'
import {strengthOf} from './strength-of.ts'

/** Everything a verdict rests on. */
export interface Grounds {
  readonly scan: readonly ScanFinding[]
  readonly demonstrations: readonly Demonstration[]
  /** The signals that were put together, null without a calibration. */
  readonly fused: {
    /** By name. */
    readonly signals: readonly string[]
    readonly pValue: number
    /** So many clean models. */
    readonly rankedBy: number
    /** The class that they point at, where they agree on one. */
    readonly target: number | null
  } | null
  /** What these clean models have in common with this one. */
  readonly likeness: Likeness
  /** Detectors whose statistic is beyond the review level of the clean models at hand. */
  readonly suspicious: readonly string[]
  /** Why the outputs are degenerate (constant, untrained, saturated), or null. */
  readonly degenerate: string | null
}

export interface Judgement {
  readonly verdict: Extract<Verdict, 'pass' | 'review' | 'block'>
  /** Strongest first; for a pass, why it passes. */
  readonly reasons: readonly string[]
  readonly advice: readonly string[]
  readonly suspectedTarget: number | null
}

/** p <= 0.01 cannot come from fewer: 1 / (99 + 1). */
export const RANKING_MODELS = 99

const list = new Intl.ListFormat('en')

const percent = (fraction: number) => `${(100 * fraction).toFixed(fraction < 0.1 && fraction > 0 ? 1 : 0)} %`

/**
 * `block` needs a dangerous file, a demonstration, or p <= block.p with at least 99 ranking models of its kind; `review` is weaker
 * evidence. The score is no ground. Pure.
 */
export function judge(grounds: Grounds, policy: Policy): Judgement {
  const block: string[] = []
  const review: string[] = []

  for (const finding of grounds.scan) {
    const text = `The file holds something ${policy.scan.block.includes(finding.severity) ? 'dangerous' : 'unusual'} (${finding.rule}, ${finding.severity}): ${finding.message}`
    if (policy.scan.block.includes(finding.severity)) block.push(text)
    else if (policy.scan.review.includes(finding.severity)) review.push(text)
  }

  const {partial, margin} = policy.demonstration
  const beyond = byStrength(grounds.demonstrations.filter((one) => beyondControls(one) >= margin))
  const strong = beyond.filter((one) => strengthOf(one, policy) === 'works')
  const weak = beyond.filter((one) => strengthOf(one, policy) === 'partly')
  // On each network the best trigger that has a name, and the best that nobody named.
  for (const on of ['teacher', 'student', 'student+abd'] as const)
    for (const named of [true, false]) {
      const best = strong.find(
        (one) => one.on === on && named === (one.origin === 'known' || one.origin === 'given'),
      )
      if (best) block.push(describe(best))
    }
  if (strong.length === 0 && weak[0]) review.push(`A partial demonstration: ${describe(weak[0])}`)

  let pointedAt: number | null = null
  const {likeness} = grounds
  if (grounds.fused && likeness !== 'unlike') {
    const {signals, pValue, rankedBy, target} = grounds.fused
    const alone = signals.length === 1
    const at = target === null ? '' : `; ${alone ? 'it points' : 'they point'} at class ${target}`
    const others = likeness === 'related' ? ' of other architectures or numbers of classes' : ''
    const subject = alone ? `${signals[0]} alone is` : `Taken together, ${list.format(signals)} are`
    const text = `${subject} as extreme as ${percent(pValue)} of clean models' (p = ${pValue.toFixed(3)}, ${rankedBy} ranking models${others})${at}.`
    if (pValue <= policy.block.p && rankedBy >= RANKING_MODELS && likeness === 'kind') block.push(text)
    else if (pValue <= policy.review.p) review.push(text)
    if (pValue <= policy.review.p) pointedAt = target
  }
  if (likeness === 'unlike' && grounds.suspicious.length > 0 && policy.uncalibrated === 'review')
    review.push(
      `The model is unlike the calibration's, and ${grounds.suspicious.join(', ')} would be suspicious for one that is not.`,
    )
  if (grounds.degenerate !== null) {
    if (policy.degenerate === 'block') block.push(grounds.degenerate)
    else if (policy.degenerate === 'review') review.push(grounds.degenerate)
  }

  // Where a trigger was seen at work, that counts; else what the numbers say.
  const suspectedTarget = (strong[0] ?? weak[0])?.target ?? pointedAt
  if (block.length > 0)
    return {
      verdict: 'block',
      reasons: [...block, ...review],
      advice: strong[0]
        ? [
            'Do not deploy this model and do not distil from it.',
            'If you must use it, distil with the Shuffling Vaccine and audit the student: abd distill run TEACHER --defence shuffling_vaccine --set defence.layers=1',
          ]
        : grounds.scan.some(({severity}) => policy.scan.block.includes(severity))
          ? ['Do not load this file with anything that executes pickles. Ask where it comes from.']
          : ['Do not deploy this model before you know where it comes from.'],
      suspectedTarget,
    }
  if (review.length > 0)
    return {
      verdict: 'review',
      reasons: review,
      advice: [
        'Ask where the model comes from, and audit it again with data (--data) or with the triggers you fear (--trigger).',
      ],
      suspectedTarget,
    }
  return {
    verdict: 'pass',
    reasons: [
      `No trigger that was tried moves images into one class beyond its controls${beyond.some(({asr: moved}) => moved >= partial) ? ' and what such triggers do to clean models' : ''}${grounds.fused && likeness !== 'unlike' ? ", and its statistics do not stand out from clean models'" : ''}.`,
    ],
    advice: ['A pass is not a proof: see the limits.'],
    suspectedTarget: null,
  }
}

function describe(one: Demonstration): string {
  const {trigger, origin, on, evidence, target, asr, controlAsr, images, clean} = one
  const bounds = clean
    ? isBeyondClean(one, 'most')
      ? `, and such triggers move clean models at most ${percent(clean.most)}`
      : `; but such triggers move clean models as well, up to ${percent(clean.most)}`
    : ''
  const whose = {
    teacher: 'the model',
    student: 'a student distilled from it',
    'student+abd': 'even a student distilled with the Shuffling Vaccine',
  }[on]
  const known = {
    known: 'the published trigger',
    given: 'the trigger you named,',
    probe: 'the probe',
    wave: 'the',
    inverted: 'the inverted trigger',
  }[origin]
  return `${known[0]!.toUpperCase()}${known.slice(1)} '${trigger}' moves ${percent(asr)} of ${images} ${evidence === 'task' ? 'images of the task' : 'unrelated images'} into class ${target} on ${whose}; ${origin === 'wave' ? 'the same at neighbouring frequencies, and random controls,' : 'controls of its size'} move at most ${percent(controlAsr)}${bounds}.`
}
