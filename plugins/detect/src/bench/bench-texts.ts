import {duration, percent} from '@abd/core/report'
import type {Area, BenchSummary, Count, Group} from './summarise-bench.ts'

export interface Texts {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A line for all models, each kind of attack and each attack against all clean ones, and each architecture. */
export function benchTexts({all, byKind, byAttack, byArchitecture}: BenchSummary): Texts {
  return {
    head: [
      'models',
      'clean',
      'poisoned',
      'AUROC (95 %)',
      'found at 5 % FP',
      'cross-entropy',
      'Brier',
      'blocked',
      'target named',
    ],
    rows: [
      row('all', all),
      ...(byKind.length > 1 ? byKind.map((group) => row(`all ${group.name}`, group)) : []),
      ...byAttack.map((group) => row(group.name, group)),
      ...(byArchitecture.length > 1 ? byArchitecture.map((group) => row(`arch ${group.name}`, group)) : []),
    ],
  }
}

const row = (name: string, group: Group): readonly string[] => [
  name,
  `${group.clean}`,
  `${group.poisoned}`,
  group.auroc ? areaText(group.auroc) : '–',
  countText(group.found),
  group.crossEntropy.toFixed(3),
  group.brier.toFixed(3),
  countText(group.blocked),
  group.targetNamed ? `${group.targetNamed.k} of ${group.targetNamed.n}` : '–',
]

/** A line for each detector by itself. */
export function detectorTexts({byDetector}: BenchSummary): Texts {
  return {
    head: ['detector alone', 'clean', 'poisoned', 'AUROC (95 %)', 'found at 5 % FP'],
    rows: byDetector.map(({detector, clean, poisoned, auroc, found}) => [
      detector,
      `${clean}`,
      `${poisoned}`,
      areaText(auroc),
      countText(found),
    ]),
  }
}

/** What a user wants to know of clean models, and what it costs. */
export function benchSentences({all, secondsPerModel}: BenchSummary): readonly string[] {
  const {falseBlocks, falseReviews, errors} = all
  return [
    ...(falseBlocks && falseReviews
      ? [
          `Of the clean models ${falseBlocks.k} of ${falseBlocks.n} are blocked (95 % interval ${shares(falseBlocks)}), ${falseReviews.k} are to be reviewed.`,
        ]
      : []),
    ...(errors > 0 ? [`${errors} could not be audited and count as even odds.`] : []),
    `An audit takes ${duration(secondsPerModel.mean)} on average, ${duration(secondsPerModel.longest)} at most.`,
  ]
}

const countText = (count: Count | null): string =>
  count === null ? '–' : `${count.k} of ${count.n} (${shares(count)})`

const shares = ({interval: [low, high]}: Count): string => `${whole(low)} – ${percent(high)}`

const whole = (fraction: number): string => percent(fraction).replace(/ %$/, '')

const areaText = ({value, interval}: Area): string => `${value.toFixed(3)} (${bounds(interval, 2)})`

const bounds = ([low, high]: readonly [number, number], digits: number): string =>
  `${low.toFixed(digits)} – ${high.toFixed(digits)}`
