import type {Finding, Report} from '../../audit/report-schema.ts'
import {classLabel} from '../class-label.ts'
import {duration, number, pValue, plural} from '../figures.ts'
import {rankWords, statisticWords} from '../finding-words.ts'
import {strip} from './bar.ts'
import {bandOf, classPlot} from './class-plot.ts'
import type {Child, Html} from './html.ts'
import {code, figure, html, outside, prose} from './html.ts'
import {table} from './table.ts'

/** What every detector said, beside what it says of clean models. */
export function signals(report: Report, id: string): Html | null {
  const {findings} = report
  if (findings.length === 0) return null
  const plotted = findings.filter(
    (one): one is Finding & {perClass: number[]} => (one.perClass?.length ?? 0) > 0,
  )
  return html`<section id="${id}-signals">
    <h3>Signals</h3>
    <p class="note">${calibrationWords(report)} Larger statistics are more suspicious.</p>
    ${table(
      'Signals',
      [
        {title: 'Signal'},
        {title: 'Statistic', wide: 'bar'},
        {title: 'p', numeric: true},
        {title: 'Points at'},
        {title: 'Time', numeric: true},
      ],
      findings.map((one) => row(report, one)),
    )}
    ${
      plotted.length > 0 &&
      html` <h4>Class by class</h4>
        <p class="note">
          Each dot is a class, <i class="swatch rhomb"></i> the one a signal points at.
          ${plotted.some((one) => bandOf(one) !== undefined) && html`<i class="swatch"></i> 5 to 95 % of clean models, dashed: their median.`}
        </p>
        <div class="plots">${plotted.map((one) => plot(report, one))}</div>`
    }
  </section>`
}

const list = new Intl.ListFormat('en')

const calibrationWords = ({calibration: {models, smallestP, applies, likeness, fused}}: Report): string =>
  models === 0
    ? 'No clean models were there to compare with.'
    : applies
      ? `Each p is the share of clean models ${likeness === 'related' ? 'of other architectures or numbers of classes' : 'of this kind'} at least as extreme in that signal; it explains and does not decide. ${rankedSignals(fused?.detectors)} ranked among ${plural(models, 'other clean model')}${fused ? `: p = ${pValue(fused.pValue)}` : ''}${smallestP === null ? '' : `; the smallest p these allow is ${pValue(smallestP)}`}.`
      : `This model is unlike the ${plural(models, 'clean model')} of the calibration.`

const rankedSignals = (detectors: readonly string[] | undefined): string =>
  detectors?.length === 1
    ? `${detectors[0]} alone is`
    : `Taken together, ${detectors ? list.format(detectors) : 'the signals'} are`

const row = (report: Report, finding: Finding): readonly Child[] => [
  html`<span class="signal"
      >${code(finding.detector)}${finding.suspicious && html` <strong class="tag">suspicious</strong>`}</span
    >
    <span class="note">${finding.summary !== undefined && prose(finding.summary)} ${paper(finding)}</span>
    ${numbers(finding)}`,
  statistic(finding),
  finding.pValue === null
    ? html`<span class="none">${rankWords(finding)}</span>`
    : figure(rankWords(finding)),
  finding.target === null ? html`<span class="none">–</span>` : outside(classLabel(report, finding.target)),
  figure(duration(finding.seconds)),
]

const statistic = (finding: Finding): Html => {
  const {statistic: value, band, suspicious} = finding
  const words = statisticWords(finding)
  return value === null
    ? html`<span class="none">${words}</span>`
    : html`<span class="gauge">${band && strip(value, band, suspicious)}${figure(words)}</span>`
}

/** A link only where the address is one to a page. */
const paper = ({paper: address}: Finding): Html | null =>
  address !== undefined && /^https?:\/\//i.test(address)
    ? html`<a href="${address}" rel="noopener noreferrer">Paper</a>`
    : null

const numbers = ({details}: Finding): Html | null => {
  const entries = Object.entries(details)
  if (entries.length === 0) return null
  return html`<details>
    <summary>numbers</summary>
    <dl class="inline">
      ${entries.map(
        ([key, value]) =>
          html`<div>
            <dt>${outside(key)}</dt>
            <dd>${outside(typeof value === 'number' ? number(value) : String(value))}</dd>
          </div>`,
      )}
    </dl>
  </details>`
}

function plot(report: Report, finding: Finding & {perClass: readonly number[]}): Html {
  const words = plotWords(report, finding)
  return html`<figure class="plot">
    <figcaption>${code(finding.detector)}</figcaption>
    ${classPlot(report, finding, `${finding.detector}, one dot a class. ${words}`)}
    <p class="note">${prose(words)}</p>
  </figure>`
}

/** What the plot shows, for those who do not see it. */
function plotWords(report: Report, finding: Finding & {perClass: readonly number[]}): string {
  const {perClass} = finding
  const band = bandOf(finding)
  const highest = Math.max(...perClass)
  const at = perClass.indexOf(highest)
  const beyond = band
    ? `; ${perClass.filter((value) => value > band[2]).length} of ${perClass.length} classes above the band`
    : ''
  return `Highest: ${classLabel(report, at)} at ${number(highest)}${beyond}.`
}
