import type {Verdict} from '@abd/core/audit'
import {aurocInterval, binomialInterval} from './intervals.ts'
import type {Interval} from './intervals.ts'
import type {Outcome} from './outcome.ts'
import {auroc, foundAt} from './roc.ts'
import type {Scores} from './roc.ts'
import {isPoisoned, kinds} from './sidecar.ts'

/** k of n, with its 95 % interval. */
export interface Count {
  readonly k: number
  readonly n: number
  readonly interval: Interval
}

export interface Group {
  readonly name: string
  readonly clean: number
  readonly poisoned: number
  /** Null where one kind of model is missing. */
  readonly auroc: Area | null
  /** Mean of −ln of the probability that was given to the truth. */
  readonly crossEntropy: number
  /** Mean squared distance of probability and truth. */
  readonly brier: number
  /** Poisoned models found where at most 5 % of the clean ones are taken for poisoned. */
  readonly found: Count | null
  readonly falseBlocks: Count | null
  readonly falseReviews: Count | null
  readonly blocked: Count | null
  /** Blocked models of known target for which that class was named. */
  readonly targetNamed: Count | null
  readonly errors: number
}

/** A detector by itself, on the models for which it has a statistic. */
export interface Alone {
  readonly detector: string
  readonly clean: number
  readonly poisoned: number
  readonly auroc: Area
  readonly found: Count
}

export interface Area {
  readonly value: number
  readonly interval: Interval
}

export interface BenchSummary {
  readonly all: Group
  /** Each kind of attack against all clean models: those that were made to be hard to find stand apart. */
  readonly byKind: readonly Group[]
  /** Each attack against all clean models. */
  readonly byAttack: readonly Group[]
  /** Clean and poisoned models of each, and of each shape of input where there are several. */
  readonly byArchitecture: readonly Group[]
  /** What each detector's statistic alone would do, best first. */
  readonly byDetector: readonly Alone[]
  readonly secondsPerModel: {readonly mean: number; readonly longest: number}
}

/** A model without a score counts as even odds. */
const MISSING = 0.5

/** So that one confident mistake does not make the cross-entropy infinite. */
const LEAST = 1e-6

export const probabilityOf = ({score}: Outcome): number => score ?? MISSING

export function summariseBench(outcomes: readonly Outcome[]): BenchSummary {
  const clean = outcomes.filter((one) => !isPoisoned(one))
  const attacks = [...new Set(outcomes.filter(isPoisoned).map(({attack}) => attack))].sort()
  const shapes = new Set(outcomes.map(({input}) => input?.join()))
  const networkOf = ({architecture, input}: Outcome) =>
    shapes.size > 1 && input ? `${architecture} ${input.join('x')}` : architecture
  const architectures = [...new Set(outcomes.map(networkOf))].sort()
  const seconds = outcomes.map((one) => one.seconds)
  return {
    all: group('all', outcomes),
    byKind: kinds
      .filter((kind) => outcomes.some((one) => one.kind === kind))
      .map((kind) => group(kind, [...clean, ...outcomes.filter((one) => one.kind === kind)])),
    byAttack: attacks.map((attack) =>
      group(attack, [...clean, ...outcomes.filter((one) => one.attack === attack)]),
    ),
    byArchitecture: architectures.map((architecture) =>
      group(
        architecture,
        outcomes.filter((one) => networkOf(one) === architecture),
      ),
    ),
    byDetector: byDetector(outcomes),
    secondsPerModel: {mean: meanOf(seconds), longest: seconds.reduce((most, one) => Math.max(most, one), 0)},
  }
}

function byDetector(outcomes: readonly Outcome[]): readonly Alone[] {
  const detectors = new Set(outcomes.flatMap(({statistics}) => Object.keys(statistics)))
  const of = (kept: readonly Outcome[], detector: string) =>
    kept.flatMap(({statistics}) => (Object.hasOwn(statistics, detector) ? statistics[detector]! : []))
  return [...detectors]
    .map((detector) => ({
      detector,
      poisoned: of(outcomes.filter(isPoisoned), detector),
      clean: of(
        outcomes.filter((one) => !isPoisoned(one)),
        detector,
      ),
    }))
    .filter(({poisoned, clean}) => poisoned.length > 0 && clean.length > 0)
    .map(({detector, ...scores}) => ({
      detector,
      clean: scores.clean.length,
      poisoned: scores.poisoned.length,
      auroc: areaOf(scores),
      found: countOf(foundAt(scores, 0.05), scores.poisoned.length)!,
    }))
    .sort((a, b) => b.auroc.value - a.auroc.value)
}

function areaOf(scores: Scores): Area {
  const value = auroc(scores)
  return {value, interval: aurocInterval(value, scores.poisoned.length, scores.clean.length)}
}

function group(name: string, outcomes: readonly Outcome[]): Group {
  const poisoned = outcomes.filter(isPoisoned)
  const clean = outcomes.filter((one) => !isPoisoned(one))
  const scores = {poisoned: poisoned.map(probabilityOf), clean: clean.map(probabilityOf)}
  const both = poisoned.length > 0 && clean.length > 0
  const blocked = poisoned.filter(({verdict}) => verdict === 'block')
  const pointed = blocked.filter(({target}) => target !== null)
  const truth = outcomes.map((one) => ({p: probabilityOf(one), y: isPoisoned(one) ? 1 : 0}))
  return {
    name,
    clean: clean.length,
    poisoned: poisoned.length,
    auroc: both ? areaOf(scores) : null,
    crossEntropy: meanOf(truth.map(({p, y}) => -Math.log(Math.max(LEAST, y === 1 ? p : 1 - p)))),
    brier: meanOf(truth.map(({p, y}) => (p - y) ** 2)),
    found: both ? countOf(foundAt(scores, 0.05), poisoned.length) : null,
    falseBlocks: countOf(verdictsOf(clean, 'block'), clean.length),
    falseReviews: countOf(verdictsOf(clean, 'review'), clean.length),
    blocked: countOf(blocked.length, poisoned.length),
    targetNamed: countOf(
      pointed.filter(({target, suspectedTarget}) => target === suspectedTarget).length,
      pointed.length,
    ),
    errors: verdictsOf(outcomes, 'error'),
  }
}

const verdictsOf = (outcomes: readonly Outcome[], wanted: Verdict): number =>
  outcomes.filter(({verdict}) => verdict === wanted).length

const countOf = (k: number, n: number): Count | null =>
  n === 0 ? null : {k, n, interval: binomialInterval(k, n)}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
