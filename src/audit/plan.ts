import type {EngineName} from '../engine/engine.ts'
import {usageError} from '../errors.ts'

export const profiles = ['quick', 'standard', 'deep'] as const
export type Profile = (typeof profiles)[number]

/** What an audit runs: fixed before it starts, written into the report, enough to repeat it. */
export interface Plan {
  readonly profile: Profile
  readonly detectors: readonly PlannedMethod[]
  /** Which of them the user asked for beside those of the profile. */
  readonly additional?: readonly string[]
  /** What runs again under the second best input normalisation, where nobody but the model's bringer vouches for the first. */
  readonly recheck: readonly PlannedMethod[]
  /** Base images to search on, and as many held-out ones. */
  readonly baseImages: number
  readonly transfer: TransferPlan | null
}

export interface PlannedMethod {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
}

export interface TransferPlan {
  readonly distiller: string
  readonly options: Readonly<Record<string, unknown>>
  readonly student: string
  /** null is the vanilla student. */
  readonly defences: readonly (PlannedMethod | null)[]
}

const forwardOnly = [
  'known_triggers',
  'patch_probes',
  'pattern_probes',
  'wave_probes',
  'prediction_skew',
  'shuffle_divergence',
  'last_layer',
]
/** Worth their time in a quick audit where gradients are fast, left out where not: docs/decisions/0047-quick-inverts-triggers.md. */
const inverting = ['trigger_inversion', 'class_agreement']

/** Shown and not ranked; the shipped calibration has the statistics of the first two alone. */
const shown = [
  'adaptive_probes',
  'adaptive_patterns',
  'student_transfer',
  'universal_perturbation',
  'freeeagle_tendency',
  'convergence_speed',
  'ood_shift',
  'channel_lipschitz',
  'batch_norm_outlier',
  'near_ood_shift',
  'neural_cleanse',
  'strip_entropy',
  'activation_clustering',
]

/**
 * The signals that are put together into one, and what each counts; the others are shown beside their nulls. `class_agreement`
 * counts twice, as it holds two signals (docs/decisions/0054-the-agreement-counts-twice.md). Without gradients there is none, and published
 * triggers stand in for it (docs/decisions/0053-two-signals-that-point-at-one-class.md).
 */
export const signalWeights = ({detectors}: Plan): Readonly<Record<string, number>> =>
  detectors.some(({name}) => name === 'class_agreement')
    ? {patch_probes: 1, class_agreement: 2}
    : {known_triggers: 1, patch_probes: 1}

/** Detectors always run with their schemas' defaults: the calibration holds for these and no others. */
const run = (names: readonly string[]) => names.map((name) => ({name, options: {}}))

/** Smaller than the detectors' defaults: only demonstrations count here, and these are confirmed on held-out images. */
const recheck: Plan['recheck'] = [
  {name: 'known_triggers', options: {images: 100, controls: 2}},
  {name: 'patch_probes', options: {refine: 6, images: 100}},
]

/** Others are too slow for gradients, and so for students. */
const canTrain = (engine: EngineName): boolean => engine === 'tensorflow'

export function planOf(profile: Profile): Plan {
  const quick = {
    profile,
    detectors: run([...forwardOnly, ...inverting]),
    recheck,
    baseImages: 500,
    transfer: null,
  } satisfies Plan
  if (profile === 'quick') return quick
  const detectors = [...forwardOnly, ...inverting, 'maximum_margin']
  return {
    ...quick,
    profile,
    detectors: run(profile === 'deep' ? [...detectors, ...shown] : detectors),
    transfer: {
      distiller: 'ood',
      options: {epochs: 10},
      student: 'wrn-16-1',
      // One shuffled layer, where the reference has five: see docs/decisions/0010-one-shuffled-layer.md.
      defences: [null, {name: 'shuffling_vaccine', options: {layers: 1}}],
    },
  }
}

/**
 * The plan with these detectors, too: registered names. What the calibration knows nothing of is shown with its bare
 * statistic and enters no p-value; a trigger that it demonstrates counts as any other.
 */
export function withDetectors(plan: Plan, names: readonly string[]): Plan {
  const additional = [...new Set(names)].filter((name) => !plan.detectors.some((one) => one.name === name))
  return additional.length === 0
    ? plan
    : {...plan, detectors: [...plan.detectors, ...run(additional)], additional}
}

/**
 * The plan of a profile, by default `standard` where the engine can train in reasonable time and `quick` elsewhere, there without
 * gradients. Throws E_PROFILE_ENGINE where the engine cannot do what the profile needs.
 */
export function choosePlan(engine: EngineName, asked: {profile?: Profile}): {plan: Plan; note?: string} {
  if (canTrain(engine)) return {plan: planOf(asked.profile ?? 'standard')}
  if (asked.profile !== undefined && asked.profile !== 'quick')
    throw usageError({
      code: 'E_PROFILE_ENGINE',
      message: `The profile '${asked.profile}' trains students, which the engine '${engine}' is too slow for.`,
      hints: ['Set up the TensorFlow engine: abd engine install', 'Or use --profile quick.'],
    })
  const quick = planOf('quick')
  return {
    plan: {...quick, detectors: quick.detectors.filter(({name}) => !inverting.includes(name))},
    ...(asked.profile
      ? {}
      : {
          note: `On the engine '${engine}' the audit is forward-only: no student is distilled. For the transfer test: abd engine install`,
        }),
  }
}

/** '90', '90s', '5m', '1.5h' to seconds. Throws E_DURATION. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(s|m|h|min)?$/.exec(text.trim())
  const seconds = match
    ? Number(match[1]) * {s: 1, m: 60, min: 60, h: 3600}[(match[2] ?? 's') as 's' | 'm' | 'min' | 'h']
    : 0
  if (seconds > 0) return seconds
  throw usageError({
    code: 'E_DURATION',
    message: `'${text}' is not a duration.`,
    hints: ['Write it like 90s, 5m or 1h.'],
  })
}
