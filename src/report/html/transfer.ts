import type {Report} from '../../audit/report-schema.ts'
import type {Policy} from '../../audit/policy.ts'
import {classLabel} from '../class-label.ts'
import {percent} from '../figures.ts'
import {strengthOf} from '../../audit/strength-of.ts'
import {thresholds} from '../thresholds.ts'
import type {TransferGroup, TransferRow} from '../transfer-groups.ts'
import {studentName, transferGroups} from '../transfer-groups.ts'
import {bar} from './bar.ts'
import type {Html} from './html.ts'
import {code, figure, html, outside} from './html.ts'
import type {Column} from './table.ts'
import {table} from './table.ts'

const shown = 4

/** Does the backdoor reach a student that never saw a poisoned image, and does ABD stop it? */
export function transfer(report: Report, id: string): Html | null {
  if (report.verdict === 'error' && !report.transferTested) return null
  const groups = transferGroups(report.transfer)
  return html`<section id="${id}-transfer">
    <h3>Does it reach a student?</h3>
    ${
      !report.transferTested
        ? html`<p>
            <strong>Transfer was not tested.</strong> No student was distilled in this run, so nothing is
            known about what one would inherit.
          </p>`
        : groups.length === 0
          ? html`<p>Students were distilled; no trigger was found to probe them with.</p>`
          : [
              html`<p class="note">
                Students distilled from this model without its training data, then probed with the same
                trigger. The upright tick marks random controls.
              </p>`,
              groups.slice(0, shown).map((group) => comparison(report, group)),
              groups.length > shown &&
                html`<details>
                  <summary>${groups.length - shown} weaker ones</summary>
                  ${groups.slice(shown).map((group) => comparison(report, group))}
                </details>`,
            ]
    }
  </section>`
}

function comparison(report: Report, group: TransferGroup): Html {
  const policy = thresholds(report)
  const mixed = group.target === null
  const columns = optional.filter(({of}) => group.students.some((row) => of(row) !== null))
  return html` <h4>
      ${code(group.trigger)}
      <span
        >${group.target !== null && html`→ ${outside(classLabel(report, group.target))}, `}distilled with
        ${code(group.distiller)}</span
      >
    </h4>
    ${table(
      `Attack success of ${group.trigger} on the teacher and its students`,
      [
        {title: 'Model'},
        ...(mixed ? [{title: 'Into'}] : []),
        {title: 'ASR', wide: 'bar'},
        {title: 'Controls', numeric: true},
        ...columns,
      ],
      [
        [
          'Teacher',
          ...(mixed ? [outside(classLabel(report, group.students[0]?.target ?? 0))] : []),
          gauge(group.teacherAsr, 'plain', group.teacherControlAsr ?? undefined),
          ratio(group.teacherControlAsr),
          ...columns.map(() => none),
        ],
        ...group.students.map((row) => [
          html`Student, ${outside(studentName(row))}`,
          ...(mixed ? [outside(classLabel(report, row.target))] : []),
          gauge(row.studentAsr, row.defence === null ? attackKind(row, policy) : 'defended', row.controlAsr),
          ratio(row.controlAsr),
          ...columns.map(({of}) => ratio(of(row))),
        ]),
      ],
    )}`
}

const attackKind = (row: TransferRow, policy: Policy) =>
  strengthOf({...row, asr: row.studentAsr, on: 'student'}, policy) === 'weak' ? 'plain' : 'attack'

/** Columns of students alone, left out where no student has a value. */
const optional: readonly (Column & {readonly of: (row: TransferRow) => number | null})[] = [
  {title: 'Reduction', numeric: true, of: ({reduction}) => reduction},
  {title: 'Accuracy', numeric: true, of: ({studentAccuracy}) => studentAccuracy},
  {title: 'Agreement', numeric: true, of: ({agreement}) => agreement},
]

const gauge = (asr: number, kind: 'attack' | 'defended' | 'plain', control?: number): Html =>
  html`<span class="gauge">${bar(asr, kind, control)}${figure(percent(asr))}</span>`

const none = html`<span class="none">–</span>`
const ratio = (value: number | null): Html =>
  value === null ? none : figure(value < 0 ? 'none' : percent(value))
