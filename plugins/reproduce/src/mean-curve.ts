import type {Cell, Shares} from './cell.ts'
import {statistic} from './tabulate.ts'

export interface Curve {
  /** Steps. */
  readonly at: readonly number[]
  readonly accuracyPercent: readonly number[]
  readonly asrPercent: readonly number[]
}

/** The mean over seeds, at the steps that all of them were measured at. */
export function meanCurve(cells: readonly Cell[]): Curve {
  const [first] = cells
  const at = (first?.curve ?? [])
    .map((point) => point.at)
    .filter((step) => cells.every(({curve}) => curve.some((point) => point.at === step)))
  const mean = (step: number, name: keyof Shares) =>
    statistic(cells.map(({curve}) => curve.find((point) => point.at === step)![name])).mean
  return {
    at,
    accuracyPercent: at.map((step) => mean(step, 'accuracyPercent')),
    asrPercent: at.map((step) => mean(step, 'asrPercent')),
  }
}
