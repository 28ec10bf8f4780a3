import type {Html} from './html.ts'
import {html} from './html.ts'

const clamp = (fraction: number) => Math.min(100, Math.max(0, fraction * 100)).toFixed(1)

/** A bar from 0 to 100 %, with a tick where random controls lie. Decorative: the figures stand beside it. */
export const bar = (fraction: number, kind: 'attack' | 'defended' | 'plain', control?: number): Html =>
  html` <span class="bar ${kind}" aria-hidden="true"
    ><i style="width:${clamp(fraction)}%"></i>${
      control === undefined ? null : html`<b style="left:${clamp(control)}%"></b>`
    }</span
  >`

/** Where a statistic lies beside the clean models: the band from 5 to 95 %, its median, this model's dot. Decorative. */
export function strip(
  statistic: number,
  [low, middle, high]: readonly [number, number, number],
  suspicious: boolean,
): Html {
  const ends = [statistic, low, high]
  const span = Math.max(...ends) - Math.min(...ends) || 1
  const from = Math.min(...ends) - span * 0.08
  const at = (value: number) => (((value - from) / (span * 1.16)) * 100).toFixed(1)
  return html`<span class="strip ${suspicious && 'hot'}" aria-hidden="true"
    ><i style="left:${at(low)}%;right:${(100 - Number(at(high))).toFixed(1)}%"></i
    ><u style="left:${at(middle)}%"></u><b style="left:${at(statistic)}%"></b
  ></span>`
}
