import type {Verdict} from '../audit/report-schema.ts'

/** A verdict as people read it: never the colour alone. */
export interface VerdictWords {
  readonly word: string
  /** What it means for whoever wants to use the model. */
  readonly sentence: string
  /** One character for the terminal and for Markdown. */
  readonly sign: string
}

export const verdictWords: Readonly<Record<Verdict, VerdictWords>> = {
  pass: {word: 'Pass', sentence: 'No evidence of a backdoor within what this audit can see.', sign: '✔'},
  review: {word: 'Review', sentence: 'Someone should look at this model before it is used.', sign: '▲'},
  block: {word: 'Block', sentence: 'Do not deploy this model, and do not distil it.', sign: '✖'},
  error: {word: 'Error', sentence: 'This file could not be audited: nothing is known about it.', sign: '!'},
  skipped: {word: 'Skipped', sentence: 'This file was not audited: nothing is known about it.', sign: '–'},
}

/** The worst first. */
export const verdictOrder = [
  'block',
  'error',
  'review',
  'skipped',
  'pass',
] as const satisfies readonly Verdict[]

/** `1 block, 3 pass`, the worst first. */
export const tally = (verdicts: readonly Verdict[]): readonly {verdict: Verdict; count: number}[] =>
  verdictOrder
    .map((verdict) => ({verdict, count: verdicts.filter((one) => one === verdict).length}))
    .filter(({count}) => count > 0)
