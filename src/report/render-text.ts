import {styleText} from 'node:util'
import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'
import type {Report, Verdict} from '../audit/report-schema.ts'
import {classLabel} from './class-label.ts'
import {duration, percent, plural} from './figures.ts'
import {bandWords, rankWords, statisticWords} from './finding-words.ts'
import {byStrength} from '../audit/by-strength.ts'
import {onWords} from './key-figures.ts'
import {studentName, transferGroups} from './transfer-groups.ts'
import {turningPoints} from './turning-points.ts'
import {tally, verdictWords} from './verdict-words.ts'
import {visible} from './visible.ts'

type Style = Parameters<typeof styleText>[0]

export interface TextOptions {
  /** Whether to write colours (SGR sequences); the caller knows the stream and NO_COLOR. */
  readonly colour: boolean
  /** Columns to wrap at, at least 60. */
  readonly width: number
}

/** On fewer columns names would be cut to pieces for the sake of what explains and does not decide. */
const ROOM_FOR_BANDS = 80

const verdictStyle: Readonly<Record<Verdict, Style>> = {
  pass: ['bold', 'green'],
  review: ['bold', 'yellow'],
  block: ['bold', 'red'],
  error: ['bold', 'magenta'],
  skipped: ['bold'],
}

/** What a terminal shows: the verdict, why, what to do, and three short tables. Nothing from outside controls the terminal. */
export function renderText(reports: readonly Report[], {colour, width}: TextOptions): string {
  const paint = (style: Style, text: string) =>
    colour ? styleText(style, text, {validateStream: false}) : text
  const page = {paint, width: Math.max(60, width)}
  const summary =
    reports.length > 1
      ? [
          `${plural(reports.length, 'model')}: ${tally(reports.map(({verdict}) => verdict))
            .map(({verdict, count}) => paint(verdictStyle[verdict], `${count} ${verdict}`))
            .join(', ')}`,
          '',
        ]
      : []
  return [...reports.flatMap((report) => [...oneReport(report, page), '']), ...summary].join('\n')
}

interface Page {
  readonly paint: (style: Style, text: string) => string
  readonly width: number
}

function oneReport(report: Report, page: Page): string[] {
  const {word, sentence, sign} = verdictWords[report.verdict]
  const target =
    report.suspectedTarget === null
      ? []
      : [`Suspected target: ${page.paint('bold', label(report, report.suspectedTarget))}`]
  const accuracy =
    report.model.accuracy === undefined ? [] : [`Accuracy on your data: ${percent(report.model.accuracy)}`]
  return [
    ...wrap(
      `${page.paint(verdictStyle[report.verdict], `${sign} ${word.toUpperCase()}`)}  ${visible(report.model.path)}`,
      page,
      '',
      '  ',
    ),
    ...[sentence, ...target, ...accuracy].flatMap((line) => wrap(line, page, '  ', '  ')),
    ...list('Why', report.reasons, page),
    ...list('Next', report.advice, page),
    ...section('Strongest triggers', demonstrations(report, page), page),
    ...section('Transfer to students', transfer(report, page), page),
    ...section('Signals', signals(report, page), page),
    ...section('The file itself', scan(report, page), page),
    ...list('What would change the verdict', turningPoints(report), page),
    ...list('Not excluded', report.limits, page),
    '',
    page.paint(
      'dim',
      `  ${duration(report.seconds)}${report.engine ? ` on ${visible(report.engine.name)}` : ''}, seed ${report.seed}`,
    ),
  ]
}

const label = (report: Report, index: number) => visible(classLabel(report, index))

const section = (title: string, lines: readonly string[], page: Page): string[] =>
  lines.length === 0 ? [] : ['', `  ${page.paint('bold', title)}`, ...lines]

const list = (title: string, items: readonly string[], page: Page): string[] =>
  section(
    title,
    items.flatMap((item) => wrap(visible(item), page, '  • ', '    ')),
    page,
  )

const wrap = (text: string, {width}: Page, first: string, rest: string): string[] =>
  wrapAnsi(text, width - rest.length, {hard: true})
    .split('\n')
    .map((line, i) => (i === 0 ? first : rest) + line)

const demonstrations = (report: Report, page: Page): string[] =>
  columns(
    page,
    ['Trigger', 'Target', 'On', 'ASR', 'Controls'],
    byStrength(report.demonstrations)
      .filter(({asr}) => asr > 0)
      .slice(0, 5)
      .map((one) => [
        visible(one.trigger),
        label(report, one.target),
        onWords[one.on],
        percent(one.asr),
        percent(one.controlAsr),
      ]),
    [3, 4],
  )

function transfer(report: Report, page: Page): string[] {
  if (!report.transferTested)
    return report.verdict === 'error' || report.verdict === 'skipped' ? [] : ['  not tested']
  const rows = transferGroups(report.transfer)
    .slice(0, 4)
    .flatMap(({trigger, teacherAsr, students}) =>
      students.map((row) => [
        visible(trigger),
        visible(studentName(row)),
        percent(teacherAsr),
        percent(row.studentAsr),
        percent(row.controlAsr),
        row.reduction === null ? '–' : percent(Math.max(0, row.reduction)),
        row.studentAccuracy === null ? '–' : percent(row.studentAccuracy),
      ]),
    )
  return rows.length === 0
    ? ['  no trigger was found to probe the students with']
    : columns(
        page,
        ['Trigger', 'Student', 'Teacher ASR', 'Student ASR', 'Controls', 'Reduction', 'Accuracy'],
        rows,
        [2, 3, 4, 5, 6],
      )
}

function signals(report: Report, page: Page): string[] {
  const compared = page.width >= ROOM_FOR_BANDS && report.findings.some(({band}) => band !== undefined)
  return columns(
    page,
    ['Signal', 'Statistic', ...(compared ? ['Clean 5–95 %'] : []), 'p', 'Points at', ''],
    report.findings.map((one) => [
      visible(one.detector),
      statisticWords(one),
      ...(compared ? [bandWords(one)] : []),
      rankWords(one),
      one.target === null ? '–' : label(report, one.target),
      one.suspicious ? page.paint('red', 'suspicious') : '',
    ]),
    compared ? [1, 2, 3] : [1, 2],
  )
}

const scan = (report: Report, page: Page): string[] =>
  columns(
    page,
    ['Severity', 'Rule', 'What'],
    report.scan.map(({severity, rule, message}) => [
      severity === 'critical' || severity === 'high' ? page.paint('red', severity) : severity,
      rule,
      visible(message),
    ]),
    [],
  )

/** Aligned columns; a cell wider than its fair share of the page is wrapped. */
function columns(
  page: Page,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[],
): string[] {
  if (rows.length === 0) return []
  const all = [head, ...rows]
  const natural = head.map((_, c) => Math.max(...all.map((row) => stringWidth(row[c] ?? ''))))
  const room = page.width - 2 - 2 * (head.length - 1)
  const widths = fit(natural, room)
  return all.flatMap((row, r) => {
    const cells = row.map((cell, c) => wrapAnsi(cell, widths[c] ?? 1, {hard: true}).split('\n'))
    return Array.from({length: Math.max(...cells.map((cell) => cell.length))}, (_, line) => {
      const text = cells
        .map((cell, c) => pad(cell[line] ?? '', widths[c] ?? 1, right.includes(c)))
        .join('  ')
        .trimEnd()
      return `  ${r === 0 ? page.paint('dim', text) : text}`
    })
  })
}

/** Takes from the widest column until they fit; never below 6. */
function fit(natural: readonly number[], room: number): number[] {
  const widths = [...natural]
  for (let over = widths.reduce((a, b) => a + b, 0) - room; over > 0; over--) {
    const widest = Math.max(...widths)
    if (widest <= 6) break
    widths[widths.indexOf(widest)] = widest - 1
  }
  return widths
}

const pad = (text: string, width: number, right: boolean): string => {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)))
  return right ? space + text : text + space
}
