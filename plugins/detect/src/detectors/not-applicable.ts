import type {Observation} from '@abd/core/audit'

/** What a detector says of a model that it cannot look at: no statistic, and why. */
export const notApplicable = (reason: string): Observation => ({
  statistic: Number.NaN,
  target: null,
  details: {notApplicable: reason},
})
