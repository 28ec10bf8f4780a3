import type {Report} from '../audit/report-schema.ts'
import {classLabel} from './class-label.ts'
import {commandLine} from './command-line.ts'
import {codeMarkdown as code, escapeMarkdown as text} from './escape-markdown.ts'
import {duration, percent, plural} from './figures.ts'
import {rankWords, statisticWords} from './finding-words.ts'
import {byStrength} from '../audit/by-strength.ts'
import {onWords} from './key-figures.ts'
import {studentName, transferGroups} from './transfer-groups.ts'
import {turningPoints} from './turning-points.ts'
import {tally, verdictWords} from './verdict-words.ts'

/** GitHub cuts comments off at 65 536 characters. */
const limit = 60_000

/** For a pull request's comment or a job's summary: the verdicts first, why, what crosses, the rest folded away. */
export function renderMarkdown(reports: readonly Report[]): string {
  const counts = tally(reports.map(({verdict}) => verdict)).map(({verdict, count}) => `${count} ${verdict}`)
  const head = [
    `## Backdoor audit: ${counts.join(', ') || 'no models'}`,
    ...table(
      ['', 'Verdict', 'Model', 'Suspected target', 'Transfer (vanilla → defended)', 'Time'],
      reports.map(overviewRow),
    ),
  ]
  const parts: string[] = []
  let length = head.join('\n\n').length
  for (const report of reports) {
    const part = oneReport(report, reports.length > 1)
    length += part.length + 2
    if (length > limit) break
    parts.push(part)
  }
  const left = reports.length - parts.length
  const tail = left === 0 ? [] : [`_${plural(left, 'more report')} did not fit: see report.html._`]
  return `${[head[0], '', ...head.slice(1), '', ...parts.flatMap((part) => [part, '']), ...tail].join('\n').trimEnd()}\n`
}

function overviewRow(report: Report): string[] {
  const {sign, word} = verdictWords[report.verdict]
  return [
    sign,
    `**${word}**`,
    code(report.model.path, 120),
    report.suspectedTarget === null ? '–' : text(classLabel(report, report.suspectedTarget)),
    transferCell(report),
    duration(report.seconds),
  ]
}

function transferCell({transfer, transferTested}: Report): string {
  if (!transferTested) return 'not tested'
  const students = transferGroups(transfer)[0]?.students ?? []
  return students.map(({studentAsr}) => percent(studentAsr)).join(' → ') || 'none'
}

function oneReport(report: Report, several: boolean): string {
  const {sentence, word, sign} = verdictWords[report.verdict]
  return [
    ...(several ? [`### ${sign} ${word}: ${code(report.model.path, 120)}`, ''] : []),
    `**${sentence}**`,
    ...(report.model.accuracy === undefined
      ? []
      : ['', `Accuracy on your data: ${percent(report.model.accuracy)}`]),
    ...bullets(report.reasons),
    ...(report.advice.length > 0 ? ['', '**What to do next**', ...bullets(report.advice)] : []),
    ...transfer(report),
    ...details(report),
  ].join('\n')
}

const bullets = (items: readonly string[]): string[] =>
  items.length === 0
    ? []
    : [
        '',
        ...items.slice(0, 12).map((item) => `- ${text(item)}`),
        ...(items.length > 12 ? [`- and ${items.length - 12} more`] : []),
      ]

function transfer({transfer: rows, transferTested}: Report): string[] {
  if (!transferTested || rows.length === 0) return []
  const groups = transferGroups(rows).slice(0, 5)
  return [
    '',
    '**Does it reach a student?** Attack success rate (ASR) of the same trigger',
    '',
    ...table(
      ['Trigger', 'Student', 'Teacher ASR', 'Student ASR', 'Random controls', 'Reduction', 'Accuracy'],
      groups.flatMap(({trigger, distiller, teacherAsr, students}) =>
        students.map((row) => [
          code(trigger),
          `${code(distiller)}, ${text(studentName(row))}`,
          percent(teacherAsr),
          `**${percent(row.studentAsr)}**`,
          percent(row.controlAsr),
          row.reduction === null ? '–' : percent(Math.max(0, row.reduction)),
          row.studentAccuracy === null ? '–' : percent(row.studentAccuracy),
        ]),
      ),
      2,
    ),
  ]
}

function details(report: Report): string[] {
  const {findings, scan, limits, demonstrations} = report
  const points = turningPoints(report)
  return [
    '',
    '<details><summary>Signals, limits and how to reproduce</summary>',
    ...(demonstrations.length === 0
      ? []
      : [
          '',
          ...table(
            ['Trigger', 'Target', 'On', 'ASR', 'Random controls', 'Images'],
            byStrength(demonstrations)
              .slice(0, 10)
              .map((one) => [
                code(one.trigger),
                text(classLabel(report, one.target)),
                onWords[one.on],
                percent(one.asr),
                percent(one.controlAsr),
                String(one.images),
              ]),
            3,
          ),
        ]),
    ...(findings.length === 0
      ? []
      : [
          '',
          ...table(
            ['Signal', 'Statistic', 'p', 'Points at', 'Suspicious', 'Time'],
            findings.map((one) => [
              code(one.detector),
              statisticWords(one),
              rankWords(one),
              one.target === null ? '–' : text(classLabel(report, one.target)),
              one.suspicious ? '**yes**' : 'no',
              duration(one.seconds),
            ]),
          ),
        ]),
    ...(scan.length === 0
      ? []
      : [
          '',
          ...table(
            ['Severity', 'Rule', 'In the file'],
            scan.slice(0, 20).map(({severity, rule, message}) => [severity, code(rule), text(message)]),
          ),
        ]),
    ...(points.length === 0 ? [] : ['', '**What would change the verdict**', ...bullets(points)]),
    ...(limits.length === 0 ? [] : ['', '**What this audit cannot exclude**', ...bullets(limits)]),
    '',
    `Reproduce: ${code(commandLine(report), 600)}`,
    '',
    `SHA-256 ${report.model.sha256 === null ? 'unknown' : code(report.model.sha256)}, ${plural(report.calibration.models, 'clean model')} to compare with, engine ${
      report.engine ? text(`${report.engine.name} ${report.engine.version}`) : 'none'
    }.`,
    '',
    '</details>',
  ]
}

/** A table whose columns from `right` on are figures; cells are escaped already. */
const table = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right = head.length,
): string[] => [
  `| ${head.join(' | ')} |`,
  `| ${head.map((_, column) => (column >= right ? '--:' : '---')).join(' | ')} |`,
  ...rows.map((row) => `| ${row.join(' | ')} |`),
]
