import type {Demonstration, Illustration, Report} from '../../audit/report-schema.ts'
import {classLabel} from '../class-label.ts'
import {number, percent, plural} from '../figures.ts'
import {byStrength} from '../../audit/by-strength.ts'
import {onWords, originWords} from '../key-figures.ts'
import type {Policy} from '../../audit/policy.ts'
import {strengthOf} from '../../audit/strength-of.ts'
import {thresholds} from '../thresholds.ts'
import {bar} from './bar.ts'
import type {Html} from './html.ts'
import {code, figure, html, outside, prose} from './html.ts'
import {gallery, picture} from './pictures.ts'
import {table} from './table.ts'

/** Concrete triggers, each with its controls and what it looks like; those that work are what a verdict rests on. */
export function demonstrations(report: Report, id: string): Html | null {
  const drawn = report.illustrations.filter(({kind}) => kind !== 'sample')
  const policy = thresholds(report)
  const best = byStrength(report.demonstrations)
  const strength = best.map((one) => strengthOf(one, policy))
  const all = [
    ...Map.groupBy(best, ({trigger, origin, target, evidence}) =>
      JSON.stringify([trigger, origin, target, evidence]),
    ).values(),
  ]
  const strong = all.filter((group) => group.some((one) => strengthOf(one, policy) !== 'weak'))
  const groups = [...strong, ...all.filter((group) => !strong.includes(group))]
  if (groups.length === 0 && drawn.length === 0) return null
  const shown = Math.min(strong.length, 6) || 2
  const named = new Set(groups.slice(0, shown).map(([first]) => first?.trigger))
  const others = drawn.filter(({trigger}) => trigger === undefined || !named.has(trigger))
  return html`<section id="${id}-demonstrations">
    <h3>
      ${strength.includes('works') ? 'Triggers that work' : strength.includes('partly') ? 'Triggers that partly work' : 'The strongest triggers that were tried'}
    </h3>
    ${
      groups.length > 0 &&
      html`<p class="note">
          The attack success rate (ASR) is the share of images, none already predicted as the target, that a
          trigger moves into it. The tick and the second figure are its controls: random triggers of the same
          size and norm, and for a wave its neighbouring frequencies, too. The policy blocks from
          ${whole(policy.demonstration.asr)} on, if the controls stay
          ${number(policy.demonstration.margin * 100)} points below, and if clean models are not moved as far.
        </p>
        <div class="cards">${groups.slice(0, shown).map((group) => card(report, group, drawn, policy))}</div>`
    }
    ${groups.length > shown && rest(report, groups.slice(shown).flat())}
    ${others.length > 0 && gallery(others)}
  </section>`
}

/** One trigger, measured on the teacher and on students. */
function card(
  report: Report,
  group: readonly Demonstration[],
  drawn: readonly Illustration[],
  policy: Policy,
): Html | null {
  const [first] = group
  if (!first) return null
  const pictures = drawn.filter(({trigger}) => trigger === first.trigger).slice(0, 2)
  const broad = pictures.some(({width, height}) => width > height * 1.5)
  return html`<article class="card demo ${broad && 'broad'}">
    ${pictures.length > 0 && html`<div class="shots">${pictures.map((one) => picture(one))}</div>`}
    <div>
      <h4>${code(first.trigger)} <span>→ ${outside(classLabel(report, first.target))}</span></h4>
      <p class="note">
        ${originWords[first.origin]},
        ${plural(first.images, 'image')}${first.evidence === 'task' && ' of the task'}${first.clean && first.origin === 'probe' && html`; such probes move clean models up to ${figure(percent(first.clean.most))}`}
      </p>
      ${broad && html`<p class="note">${prose(pictures[0]!.caption)}</p>`}
    </div>
    <div class="gauges">
      ${group.map(
        (one) =>
          html`<p class="gauge">
            <span>${shortOn[one.on]}</span>
            ${bar(one.asr, strengthOf(one, policy) === 'weak' ? 'plain' : 'attack', one.controlAsr)}<b
              class="n"
              >${percent(one.asr)}</b
            >
            <span class="n control"><span class="unseen">controls </span>${percent(one.controlAsr)}</span>
          </p>`,
      )}
    </div>
  </article>`
}

const shortOn: Readonly<Record<Demonstration['on'], string>> = {
  teacher: 'Teacher',
  student: 'Student',
  'student+abd': 'With ABD',
}

const rest = (report: Report, more: readonly Demonstration[]): Html =>
  html`<details>
    <summary>${more.length} more</summary>
    ${table(
      'Further demonstrations',
      [
        {title: 'Trigger'},
        {title: 'Origin'},
        {title: 'On'},
        {title: 'Target'},
        {title: 'ASR', numeric: true},
        {title: 'Controls', numeric: true},
        {title: 'Images', numeric: true},
      ],
      more.map((one) => [
        code(one.trigger),
        originWords[one.origin],
        onWords[one.on],
        outside(classLabel(report, one.target)),
        figure(percent(one.asr)),
        figure(percent(one.controlAsr)),
        one.images,
      ]),
    )}
  </details>`

/** A threshold as people write it: `70 %`. */
const whole = (fraction: number) => figure(`${number(fraction * 100)} %`)
