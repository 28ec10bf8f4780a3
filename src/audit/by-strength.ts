import type {Demonstration} from './report-schema.ts'

/** How far beyond its random controls a trigger moves images: a difference of shares, -1 to 1. */
export const beyondControls = ({asr, controlAsr}: Pick<Demonstration, 'asr' | 'controlAsr'>): number =>
  asr - controlAsr

/** The demonstrations, the one that stands out most from its controls first. */
export const byStrength = (demonstrations: readonly Demonstration[]): readonly Demonstration[] =>
  [...demonstrations].sort((a, b) => beyondControls(b) - beyondControls(a))
