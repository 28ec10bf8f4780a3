import type {Report} from '../../audit/report-schema.ts'
import {classLabel} from '../class-label.ts'
import {duration} from '../figures.ts'
import {tally, verdictWords} from '../verdict-words.ts'
import type {Html} from './html.ts'
import {code, figure, html, outside, prose} from './html.ts'
import {icon} from './icon.ts'
import {table} from './table.ts'

/** Several files at a glance, each a link to its own part. */
export const overview = (reports: readonly Report[], ids: readonly string[]): Html =>
  html` <section id="overview">
    <ul class="tally">
      ${tally(reports.map(({verdict}) => verdict)).map(
        ({verdict, count}) =>
          html`<li class="${verdict}">${icon(verdict)}<b>${count}</b> ${verdictWords[verdict].word}</li>`,
      )}
    </ul>
    ${table(
      'Overview',
      [
        {title: 'File'},
        {title: 'Verdict'},
        {title: 'Suspected target'},
        {title: 'First reason', wide: 'prose'},
        {title: 'Time', numeric: true},
      ],
      reports.map((report, i) => [
        html`<a href="#${ids[i]}">${code(report.model.path)}</a>`,
        html`<span class="badge ${report.verdict}"
          >${icon(report.verdict)}${verdictWords[report.verdict].word}</span
        >`,
        report.suspectedTarget === null
          ? html`<span class="none">–</span>`
          : outside(classLabel(report, report.suspectedTarget)),
        prose(report.reasons[0] ?? '–'),
        figure(duration(report.seconds)),
      ]),
    )}
  </section>`
