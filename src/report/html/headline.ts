import type {Report} from '../../audit/report-schema.ts'
import {className} from '../class-label.ts'
import {count, duration, number, percent, plural} from '../figures.ts'
import {byStrength} from '../../audit/by-strength.ts'
import {onWords, strongestTransfer} from '../key-figures.ts'
import {studentName} from '../transfer-groups.ts'
import {verdictWords} from '../verdict-words.ts'
import type {Child, Html} from './html.ts'
import {code, html, outside} from './html.ts'
import {icon} from './icon.ts'

/** The verdict, the file, the class it points at, and the few figures that carry it. */
export function headline(report: Report, id: string): Html {
  const {word, sentence} = verdictWords[report.verdict]
  return html` <header class="verdict ${report.verdict}">
      ${icon(report.verdict)}
      <div class="say">
        <h2 id="${id}">
          ${word}<span class="unseen">: </span><span class="file">${code(report.model.path)}</span>
        </h2>
        <p>${sentence}</p>
      </div>
      ${target(report)}
    </header>
    ${figures(report)}`
}

const target = (report: Report): Html | null => {
  if (report.suspectedTarget === null) return null
  const name = className(report, report.suspectedTarget)
  return html`<p class="target">
    <span>Suspected target</span> <strong>class ${report.suspectedTarget}</strong>${
      name === undefined ? null : html` <em>${outside(name)}</em>`
    }
  </p>`
}

function figures(report: Report): Html {
  const tiles = [demonstration(report), transfer(report), signals(report), score(report), cost(report)]
  return html`<dl class="tiles">${tiles}</dl>`
}

const tile = (title: Child, value: Child, note: Child): Html =>
  html`<div>
    <dt>${title}</dt>
    <dd><b>${value}</b><span>${note}</span></dd>
  </div>`

function demonstration(report: Report): Html | null {
  const best = byStrength(report.demonstrations)[0]
  if (!best) return null
  return tile(
    'Trigger furthest beyond its controls',
    percent(best.asr),
    html`of images obey ${code(best.trigger)} on ${onWords[best.on]}; ${percent(best.controlAsr)} obey random
    controls`,
  )
}

function transfer(report: Report): Html | null {
  if (!report.transferTested)
    return report.verdict === 'error'
      ? null
      : tile('Transfer to students', 'not tested', 'no student was distilled')
  const best = strongestTransfer(report)
  if (!best) return tile('Transfer to students', 'none', 'no trigger reached a student')
  const {vanilla, defended} = best
  return tile(
    'Transfer to students',
    defended
      ? html`${bare(vanilla.studentAsr)} <i>→</i> ${percent(defended.studentAsr)}`
      : percent(vanilla.studentAsr),
    defended ? html`student ASR, vanilla → ${outside(studentName(defended))}` : 'student ASR, vanilla',
  )
}

/** `94.3` where the next figure carries the unit. */
const bare = (fraction: number) => percent(fraction).replace(' %', '')

function signals({findings, calibration}: Report): Html | null {
  if (findings.length === 0) return null
  const suspicious = findings.filter(({suspicious}) => suspicious).length
  if (suspicious === 0 && findings.every(({pValue, band}) => pValue === null && band === undefined))
    return tile(
      'Suspicious signals',
      'not ranked',
      `${plural(findings.length, 'signal')} without clean models to compare with`,
    )
  const against = calibration.applies
    ? `against ${plural(calibration.models, 'clean model')}`
    : 'this model is unlike the calibration'
  return tile('Suspicious signals', `${suspicious} of ${findings.length}`, against)
}

const score = ({score}: Report): Html | null =>
  score === null
    ? null
    : tile(
        'Estimated probability',
        number(Number(score.toFixed(2))),
        'of a backdoor, at a prior of 0.5; it does not decide',
      )

const cost = ({seconds, engine, model}: Report): Html =>
  tile('Cost', duration(seconds), [
    engine ? `${engine.name} on ${engine.device}` : 'no engine was needed',
    model.parameters === null ? null : `, ${count(model.parameters)} parameters`,
  ])
