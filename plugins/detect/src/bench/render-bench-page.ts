import {code, duration, figure, html, htmlTable, icon, page, tabIcon, trusted} from '@abd/core/report'
import type {Html} from '@abd/core/report'
import {benchSentences, benchTexts, detectorTexts} from './bench-texts.ts'
import type {Texts} from './bench-texts.ts'
import type {Outcome} from './outcome.ts'
import {rocPlot} from './roc-plot.ts'
import {isPoisoned} from './sidecar.ts'
import {probabilityOf} from './summarise-bench.ts'
import type {BenchSummary} from './summarise-bench.ts'

/** A page of its own: figures, ROC curves and every model, with a link to its report where `audited` has its name. */
export function renderBenchPage(
  summary: BenchSummary,
  outcomes: readonly Outcome[],
  {
    title,
    byline,
    audited,
  }: {readonly title: string; readonly byline: string; readonly audited: ReadonlySet<string>},
): string {
  const hasBoth = summary.all.auroc !== null
  return page({
    title,
    icon: tabIcon('pass'),
    heading: title,
    skip: 'Skip to the figures',
    byline: html`<p>${byline}</p>`,
    main: html`<article class="report">
      <section>
        <h3>Figures</h3>
        ${benchSentences(summary).map((sentence) => html`<p class="note">${sentence}</p>`)}
        ${figures('Figures by attack and architecture', benchTexts(summary))}
      </section>
      ${
        summary.byDetector.length > 0 &&
        html`<section>
          <h3>Each detector alone</h3>
          <p class="note">Its statistic, whatever the architecture, where the verdict would rest on it.</p>
          ${figures('Detectors', detectorTexts(summary))}
        </section>`
      }
      ${hasBoth && roc(outcomes)}
      <section>
        <h3>Models</h3>
        ${models(outcomes, audited)}
      </section>
    </article>`,
    footer: html`<footer>
      <p>
        Intervals: Newcombe's fifth method for areas under the curve, Clopper and Pearson's for shares. A
        model without a score counts as even odds.
      </p>
    </footer>`,
  })
}

const figures = (caption: string, {head, rows}: Texts): Html =>
  htmlTable(
    caption,
    head.map((title, i) => ({title, numeric: i > 0})),
    rows.map(([name, ...cells]) => [code(name ?? ''), ...cells.map((text) => figure(text))]),
  )

function roc(outcomes: readonly Outcome[]): Html {
  const of = (kept: readonly Outcome[]) => kept.map(probabilityOf)
  const clean = of(outcomes.filter((one) => !isPoisoned(one)))
  const poisoned = outcomes.filter(isPoisoned)
  const attacks = [...new Set(poisoned.map(({attack}) => attack))].sort()
  const curves = [
    {name: 'all', scores: {clean, poisoned: of(poisoned)}},
    ...attacks.map((attack) => ({
      name: attack,
      scores: {clean, poisoned: of(poisoned.filter((one) => one.attack === attack))},
    })),
  ]
  return html`<section>
    <h3>ROC</h3>
    <p class="note">
      Each attack against all clean models, ranked by the probability that the report states.
    </p>
    <div role="img" aria-label="ROC curves">${trusted(rocPlot(curves))}</div>
  </section>`
}

const models = (outcomes: readonly Outcome[], audited: ReadonlySet<string>): Html =>
  htmlTable(
    'Models',
    [
      {title: 'Model'},
      {title: 'Attack'},
      {title: 'Verdict'},
      {title: 'Probability', numeric: true},
      {title: 'Target', numeric: true},
      {title: 'Named', numeric: true},
      {title: 'Architecture'},
      {title: 'Time', numeric: true},
    ],
    [...outcomes]
      .sort((a, b) => probabilityOf(b) - probabilityOf(a))
      .map((one) => [
        audited.has(one.name) ? html`<a href="${linkTo(one)}">${code(one.name)}</a>` : code(one.name),
        code(one.attack),
        html`<span class="badge ${one.verdict}">${icon(one.verdict)}${one.verdict}</span>`,
        one.score === null ? '–' : figure(one.score.toFixed(3)),
        one.target ?? '–',
        one.suspectedTarget ?? '–',
        code(one.architecture),
        figure(duration(one.seconds)),
      ]),
  )

/** Beside the page. */
const linkTo = ({name}: Outcome): string =>
  ['reports', ...name.split('/'), 'report.html'].map(encodeURIComponent).join('/')
