import type {Fused, Reference} from './calibration.ts'
import type {Grounds} from './judge.ts'
import type {Demonstration, Finding, ScanFinding} from './report-schema.ts'

/** Which of the signals that are put together says what class it is. */
const POINTS = 'class_agreement'

/**
 * What a verdict rests on, from what was found of a model and a calibration: `fused` is what the statistics of `findings` are
 * worth together. Demonstrations come with their clean bounds (`withCleanBounds`). Pure: a report that was kept can be judged anew.
 */
export function groundsOf(
  reference: Pick<Reference, 'fuse' | 'fused' | 'likeness' | 'rankedBy'>,
  {
    scan,
    demonstrations,
    findings,
    degenerate,
  }: {
    readonly scan: readonly ScanFinding[]
    readonly demonstrations: readonly Demonstration[]
    readonly findings: readonly Pick<Finding, 'detector' | 'statistic' | 'suspicious' | 'target'>[]
    readonly degenerate: string | null
  },
): {readonly grounds: Grounds; readonly fused: Fused | undefined} {
  const {fused: signals, likeness, rankedBy} = reference
  const statistics = new Map<string, number>()
  for (const {detector, statistic} of findings) if (statistic !== null) statistics.set(detector, statistic)
  const fused = reference.fuse(statistics)
  const pointing = signals.includes(POINTS) ? findings.find(({detector}) => detector === POINTS) : undefined
  const target = pointing?.target ?? null
  return {
    fused,
    grounds: {
      scan,
      demonstrations,
      fused: fused ? {signals, pValue: fused.pValue, rankedBy, target} : null,
      likeness,
      suspicious: findings.filter(({suspicious}) => suspicious).map(({detector}) => detector),
      degenerate,
    },
  }
}
