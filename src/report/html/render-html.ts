import type {Report} from '../../audit/report-schema.ts'
import {moment, plural} from '../figures.ts'
import {shorten} from '../visible.ts'
import {verdictOrder, verdictWords} from '../verdict-words.ts'
import {demonstrations} from './demonstrations.ts'
import {headline} from './headline.ts'
import type {Html} from './html.ts'
import {html, outside} from './html.ts'
import {tabIcon} from './icon.ts'
import {overview} from './overview.ts'
import {page} from './page.ts'
import {record} from './record.ts'
import {samples} from './samples.ts'
import {scan} from './scan.ts'
import {signals} from './signals.ts'
import {transfer} from './transfer.ts'
import {limits, why} from './why.ts'

/**
 * One self-contained page for one or several audited files: no script, no network, every text from outside escaped.
 * The same reports give the same bytes.
 */
export function renderHtml(reports: readonly Report[]): string {
  const ids = reports.map((_, i) => `model-${i + 1}`)
  const worst =
    verdictOrder.find((verdict) => reports.some((report) => report.verdict === verdict)) ?? 'skipped'
  const [first] = reports
  const title =
    reports.length === 1 && first
      ? `${verdictWords[first.verdict].word}: ${shorten(first.model.path, 80)}`
      : plural(reports.length, 'model')
  return page({
    title: `${title} – backdoor audit`,
    icon: tabIcon(worst),
    heading: html`Backdoor audit${reports.length > 1 && ` of ${reports.length} models`}`,
    skip: 'Skip to the verdict',
    byline: first ? byline(first) : null,
    main: html`${reports.length > 1 && overview(reports, ids)}
    ${reports.map((report, i) => modelReport(report, ids[i] ?? ''))}`,
    footer: first ? footer(first) : null,
  })
}

const byline = ({tool, started}: Report): Html =>
  html`<p>${tool.name} ${tool.version}, <time datetime="${started}">${moment(started)}</time></p>`

function modelReport(report: Report, id: string): Html {
  // A dangerous file is the reason itself; a harmless one is a footnote.
  const grave = report.scan.some(({severity}) => severity !== 'low' && severity !== 'info')
  const parts = [
    why(report, id),
    grave && scan(report, id),
    demonstrations(report, id),
    transfer(report, id),
    signals(report, id),
    samples(report, id),
    html`<div class="pair">${limits(report, id)}${!grave && scan(report, id)}</div>`,
    record(report, id),
  ]
  return html`<article class="report" aria-labelledby="${id}">${headline(report, id)}${parts}</article>`
}

const footer = ({tool, schemaVersion}: Report): Html =>
  html`<footer>
    <p>
      Made by ${outside(`${tool.name} ${tool.version}`)} from a report of schema version ${schemaVersion}. A
      pass means that nothing was found, not that nothing is there.
    </p>
  </footer>`
