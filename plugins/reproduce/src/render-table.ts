import type {Shares} from './cell.ts'
import {published} from './published.ts'
import type {Statistic} from '@abd/core/sweep'
import type {Column, Entry, Table} from './tabulate.ts'

const names = {zskt: 'ZSKT', cmi: 'CMI', ood: 'OOD', clean_kd: 'Clean KD'} as const

export const columnName = ({method, abd}: Column): string =>
  method === null ? 'Teacher' : `${names[method]}${abd ? ' + ABD' : ''}`

/** `71.9 ± 1.2 / 96.9 ± 0.4 (3)`: accuracy, ASR, seeds; what is missing is a dash. */
const entryText = (entry: Entry | null): string =>
  entry === null
    ? '–'
    : `${statisticText(entry.accuracyPercent)} / ${statisticText(entry.asrPercent)}${entry.seeds > 1 ? ` (${entry.seeds})` : ''}`

const statisticText = ({mean, deviation}: Statistic): string =>
  `${mean.toFixed(1)}${deviation === null ? '' : ` ± ${deviation.toFixed(1)}`}`

/** Head and rows, for a terminal or a document. */
export const tableTexts = ({columns, rows}: Table): {head: string[]; rows: string[][]} => ({
  head: ['trigger', ...columns.map(columnName)],
  rows: rows.map(({trigger, entries}) => [trigger, ...entries.map(entryText)]),
})

/** In Markdown, and the figures that the authors published below it. */
export function renderMarkdown(table: Table, {intro}: {readonly intro: string}): string {
  const {head, rows} = tableTexts(table)
  const known = table.rows.flatMap(({trigger}) => {
    const row = published.get(trigger)
    return row ? [[trigger, ...[row.teacher, row.zskt, row.zsktAbd, row.cleanKd].map(sharesText)]] : []
  })
  return [
    intro,
    '',
    'Accuracy / ASR in percent: mean ± standard deviation over seeds (how many).',
    '',
    ...grid(head, rows),
    '',
    ...(known.length > 0
      ? [
          'Published (CIFAR-10, ZSKT, WRN-16-2 to WRN-16-1, 80 000 cycles; no deviations, no figures for CMI and OOD):',
          '',
          ...grid(['trigger', 'Teacher', 'ZSKT', 'ZSKT + ABD', 'Clean KD'], known),
          '',
        ]
      : []),
  ].join('\n')
}

const sharesText = ({accuracyPercent, asrPercent}: Shares): string =>
  `${accuracyPercent.toFixed(1)} / ${asrPercent.toFixed(1)}`

const grid = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  line(head),
  line(head.map((_, i) => (i === 0 ? '---' : '---:'))),
  ...rows.map(line),
]

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
