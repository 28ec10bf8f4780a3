import type {Report} from '../../audit/report-schema.ts'
import {turningPoints} from '../turning-points.ts'
import type {Html} from './html.ts'
import {html, prose} from './html.ts'

/** Why the verdict is what it is, what would make it another, and what to do about it. */
export function why(report: Report, id: string): Html {
  const {reasons, advice} = report
  const points = turningPoints(report)
  return html` <div class="pair">
    <section id="${id}-why">
      <h3>Why</h3>
      ${list(reasons, 'No reason was recorded.')}
      ${
        points.length > 0 &&
        html`<h4>What would change the verdict</h4>
          ${list(points, '')}`
      }
    </section>
    ${
      advice.length > 0 &&
      html`<section id="${id}-next">
        <h3>What to do next</h3>
        ${list(advice, '')}
      </section>`
    }
  </div>`
}

const list = (items: readonly string[], otherwise: string): Html =>
  items.length === 0
    ? html`<p>${otherwise}</p>`
    : html`<ul>
        ${items.map((item) => html`<li>${prose(item)}</li>`)}
      </ul>`

/** What cannot be excluded, and why. */
export const limits = ({limits: items}: Report, id: string): Html | null =>
  items.length === 0
    ? null
    : html`<section id="${id}-limits">
        <h3>What this audit cannot exclude</h3>
        ${list(items, '')}
      </section>`
