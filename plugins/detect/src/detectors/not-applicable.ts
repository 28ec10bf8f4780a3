import type {Observation} from '@abd/core/audit'

/** What a detector says of a model that it cannot look at: no statistic, and why. */
export const notApplicable = (reason: string): Observation => ({
  statistic: Number.NaN,
  target: null,
  details: {notApplicable: reason},
})

/** Of two classes each is as far from the other as the other from it: neither is the one that stands out. */
export const tooFewClasses = notApplicable('it compares a class with at least two others')
