import type {Finding} from '../audit/report-schema.ts'
import {number, pValue} from './figures.ts'

/** A statistic, or why there is none. */
export const statisticWords = ({statistic, details}: Finding): string =>
  statistic !== null
    ? number(statistic)
    : details['notApplicable'] === undefined
      ? 'could not be computed'
      : 'not applicable'

/** The rank among clean models, where there are any that it was measured on. */
export const rankWords = ({pValue: p, statistic}: Finding): string =>
  p !== null ? pValue(p) : statistic === null ? '–' : 'not calibrated'

/** From where to where all but the lowest and the highest 5 % of clean models lie. */
export const bandWords = ({band}: Finding): string =>
  band === undefined ? '–' : `${number(band[0])} to ${number(band[2])}`
