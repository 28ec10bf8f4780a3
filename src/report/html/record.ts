import type {Report} from '../../audit/report-schema.ts'
import {commandWords} from '../command-line.ts'
import {count, duration, fileSize, moment, number, plural, pValue, percent} from '../figures.ts'
import {otherSeconds} from '../key-figures.ts'
import {bar} from './bar.ts'
import type {Child, Html} from './html.ts'
import {code, figure, html, outside} from './html.ts'

/** What was spent, how to get the same numbers again, and which file they belong to. */
export const record = (report: Report, id: string): Html =>
  html` <div class="pair">
    <div class="stack">${cost(report, id)}${reproduce(report, id)}</div>
    <section id="${id}-facts">
      <h3>Model</h3>
      ${definitions(facts(report))}
    </section>
  </div>`

function cost(report: Report, id: string): Html {
  const parts = report.findings.map(({detector, seconds}) => ({name: code(detector), seconds}))
  const {transferSeconds} = report
  if (transferSeconds !== undefined) parts.push({name: html`transfer test`, seconds: transferSeconds})
  const rest = otherSeconds(report)
  if (parts.length > 0 && rest > 0) parts.push({name: html`everything else`, seconds: rest})
  const most = Math.max(...parts.map(({seconds}) => seconds), 1e-9)
  parts.sort((a, b) => b.seconds - a.seconds)
  return html`<section id="${id}-cost">
    <h3>Cost</h3>
    <p>
      ${figure(duration(report.seconds))} in all,
      ${
        report.engine
          ? html`on the engine ${outside(`${report.engine.name} ${report.engine.version}`)}
            (${outside(report.engine.device)})`
          : 'without an engine'
      }.
    </p>
    <ul class="costs">
      ${parts.map(
        ({name, seconds}) =>
          html`<li><span>${name}</span>${bar(seconds / most, 'plain')}${figure(duration(seconds))}</li>`,
      )}
    </ul>
  </section>`
}

const reproduce = (report: Report, id: string): Html =>
  html` <section id="${id}-reproduce">
    <h3>Reproduce</h3>
    <p class="note">The same seed, engine and machine give the same numbers.</p>
    <pre><code>${commandWords(report).map((word) => html`<span class="word">${word}</span> `)}</code></pre>
    <details>
      <summary>plan and policy</summary>
      <pre class="lines"><code>${json({plan: report.plan, policy: report.policy})}</code></pre>
    </details>
  </section>`

// Line by line: a line break of ours is kept, one from outside is shown as a space.
const json = (value: unknown): readonly Html[] =>
  JSON.stringify(value, null, 2)
    .split('\n')
    .map((line) => html`<span>${line}</span>`)

function facts({
  model,
  access,
  calibration,
  policy,
  seed,
  started,
}: Report): readonly (readonly [string, Child])[] {
  const {normalisation} = model
  return [
    ['File', code(model.path)],
    ['SHA-256', model.sha256 === null ? 'unknown' : code(model.sha256)],
    [
      'Size',
      model.bytes === null
        ? 'unknown'
        : `${fileSize(model.bytes)}${model.format === null ? '' : `, ${model.format}`}`,
    ],
    ['Architecture', model.architecture === null ? 'unknown' : outside(model.architecture)],
    ['Parameters', model.parameters === null ? 'unknown' : count(model.parameters)],
    ['Classes', model.classes],
    ['Accuracy on your data', model.accuracy === undefined ? null : percent(model.accuracy)],
    ['Input', model.input?.join(' × ')],
    [
      'Normalisation',
      normalisation &&
        html`mean ${normalisation.mean.map(number).join(', ')}; std
        ${normalisation.std.map(number).join(', ')} (${sourceWords[normalisation.source]})`,
    ],
    [
      'Access',
      access.length === 0 || access.every((one) => one === 'none')
        ? 'the file only'
        : access.map((one) => accessWords[one]).join(', '),
    ],
    [
      'Calibration',
      calibration.models === 0
        ? 'none'
        : html`${calibration.id !== null && [outside(calibration.id), ', ']}${plural(calibration.models, 'clean model')}${
            calibration.smallestP === null ? '' : `, smallest p ${pValue(calibration.smallestP)}`
          }${calibration.note === undefined ? '' : html`. ${outside(calibration.note)}`}`,
    ],
    ['Policy', outside(policy.source)],
    ['Seed', String(seed)],
    ['Started', html`<time datetime="${started}">${moment(started)}</time>`],
  ]
}

const definitions = (entries: readonly (readonly [string, Child])[]): Html =>
  html`<dl class="facts">
    ${entries
      .filter(([, value]) => value !== null && value !== undefined)
      .map(
        ([title, value]) =>
          html`<div>
            <dt>${title}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
  </dl>`

const sourceWords = {flags: 'given as flags', card: 'from the model card', guessed: 'guessed'} as const
const accessWords = {
  none: 'the file',
  images: 'unlabelled images',
  data: 'labelled data',
  trigger: 'a known trigger',
} as const
