import type {Report} from '../../audit/report-schema.ts'
import {number} from '../figures.ts'
import type {Html} from './html.ts'
import {code, html, outside} from './html.ts'
import {table} from './table.ts'

/** What the file itself hides; nothing in it was executed. */
export const scan = ({scan: findings, verdict}: Report, id: string): Html =>
  html` <section id="${id}-scan">
    <h3>The file itself</h3>
    ${
      findings.length === 0
        ? html`<p>
            ${verdict === 'error' ? 'The scan found nothing to report before reading stopped.' : 'The scan found nothing to report.'}
            Nothing in the file was executed.
          </p>`
        : [
            html`<p class="note">Read, never executed.</p>`,
            table(
              'Findings in the file',
              [
                {title: 'Severity'},
                {title: 'What', wide: 'prose'},
                {title: 'Rule'},
                {title: 'At byte', numeric: true},
              ],
              findings.map(({severity, message, rule, offset}) => [
                html`<strong class="severity ${severity}">${severity}</strong>`,
                outside(message),
                code(rule),
                offset === null ? html`<span class="none">–</span>` : number(offset),
              ]),
            ),
          ]
    }
  </section>`
