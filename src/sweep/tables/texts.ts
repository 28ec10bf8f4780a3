import {escapeMarkdown} from '../../report/escape-markdown.ts'
import type {JobResult} from '../job-result.ts'
import type {Labels, Summary, Table} from './table.ts'
import {labelText} from './table.ts'

/** Head and rows, for a terminal or a document. */
export function tableTexts(table: Table): {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
} {
  const [first] = table.rows
  return {
    head: [
      Object.keys(first ?? {}).join(', ') || 'job',
      ...table.columns.map((column) => labelText(column, table.stage)),
    ],
    rows: table.rows.map((row, i) => [
      labelText(row, table.stage),
      ...table.cells[i]!.map((cell) => cellText(cell, table.values)),
    ]),
  }
}

/** `71.9 ± 1.2 / 96.9 ± 0.4 (3)`: the values, and how many there are of each; what is missing is a dash. */
const cellText = (cell: Table['cells'][number][number], values: readonly string[]): string => {
  const summaries = values.map((value) => cell?.[value] ?? null)
  const n = Math.max(0, ...summaries.map((summary) => summary?.n ?? 0))
  return n === 0 ? '–' : `${summaries.map(summaryText).join(' / ')}${n > 1 ? ` (${n})` : ''}`
}

const summaryText = (summary: Summary | null): string =>
  summary === null
    ? '–'
    : `${summary.mean.toFixed(1)}${summary.deviation === null ? '' : ` ± ${summary.deviation.toFixed(1)}`}`

/** What stands above a table. */
export const legendOf = ({values, done, of}: Table): string =>
  `${values.join(' / ')}: mean ± standard deviation (how many); ${done} of ${of} jobs are done`

/** In Markdown; 95 % intervals in a table of their own, where there are any. */
export function tableMarkdown(tables: readonly Table[]): string {
  return tables
    .flatMap((table) => {
      const {head, rows} = tableTexts(table)
      const intervals = intervalRows(table)
      return [
        `# ${escapeMarkdown(table.title)}`,
        '',
        `${escapeMarkdown(legendOf(table))}.`,
        '',
        ...grid(head, rows),
        '',
        ...(intervals.length > 0
          ? ["95 % intervals of the means, by Student's t:", '', ...grid(head, intervals), '']
          : []),
      ]
    })
    .join('\n')
}

/** The same cells with `low to high`. */
function intervalRows(table: Table): readonly (readonly string[])[] {
  const rows = table.rows.map((row, i) => [
    labelText(row, table.stage),
    ...table.cells[i]!.map((cell) =>
      table.values.map((value) => intervalText(cell?.[value] ?? null)).join(' / '),
    ),
  ])
  return table.cells.flat().some((cell) => cell && Object.values(cell).some((one) => one?.interval))
    ? rows
    : []
}

export const intervalText = (summary: Summary | null): string =>
  summary?.interval ? summary.interval.map((end) => end.toFixed(1)).join(' to ') : '–'

/** Figures are ours; what heads rows and columns is not. */
const grid = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(head.map((cell) => escapeMarkdown(cell))),
    line(head.map((_, i) => (i === 0 ? '---' : '---:'))),
    ...rows.map(([label = '', ...cells]) => line([escapeMarkdown(label), ...cells])),
  ]
}

/** For programs: a line for each cell and value. */
export function tableCsv(tables: readonly Table[]): string {
  const names = (side: 'rows' | 'columns') => [
    ...new Set(tables.flatMap((table) => table[side].flatMap((labels) => Object.keys(labels)))),
  ]
  const parameters = [...new Set([...names('rows'), ...names('columns')])]
  const lines = tables.flatMap((table) =>
    table.rows.flatMap((row, i) =>
      table.columns.flatMap((column, j) =>
        table.values.flatMap((value) => {
          const summary = table.cells[i]![j]?.[value]
          if (!summary) return []
          const labels: Labels = {...row, ...column}
          return [
            [
              table.title,
              ...parameters.map((name) => labels[name] ?? ''),
              ...[value, summary.n, summary.mean, summary.deviation ?? ''],
              ...(summary.interval ?? ['', '']),
            ],
          ]
        }),
      ),
    ),
  )
  return csv([['table', ...parameters, 'value', 'n', 'mean', 'deviation', 'low', 'high'], ...lines])
}

/** For programs: a line for each job that is done. */
export function jobsCsv(results: readonly JobResult[]): string {
  const parameters = [...new Set(results.flatMap((one) => Object.keys(one.parameters)))]
  const values = [...new Set(results.flatMap((one) => Object.keys(one.values)))]
  return csv([
    ['id', 'job', ...parameters, ...values, 'seconds', 'host'],
    ...results.map(({id, stage, parameters: own, values: found, seconds, host}) => [
      ...[id, stage, ...parameters.map((name) => own[name] ?? '')],
      ...[...values.map((name) => found[name] ?? ''), seconds, host],
    ]),
  ])
}

/** RFC 4180. */
const csv = (rows: readonly (readonly (string | number)[])[]): string =>
  rows
    .map((row) =>
      row
        .map(String)
        .map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
        .join(','),
    )
    .join('\n') + '\n'

/** For a paper: needs the package booktabs. */
export const tableLatex = (tables: readonly Table[]): string =>
  tables
    .map((table) => {
      const {head} = tableTexts(table)
      const rows = table.rows.map((row, i) => [
        escapeLatex(labelText(row, table.stage)),
        ...table.cells[i]!.map((cell) =>
          table.values.map((value) => summaryLatex(cell?.[value] ?? null)).join(' / '),
        ),
      ])
      return [
        `% ${table.title.replaceAll(/\s+/g, ' ')}`,
        `% ${legendOf(table).replaceAll(/\s+/g, ' ')}`,
        `\\begin{tabular}{l${'r'.repeat(table.columns.length)}}`,
        '\\toprule',
        `${head.map(escapeLatex).join(' & ')} \\\\`,
        '\\midrule',
        ...rows.map((row) => `${row.join(' & ')} \\\\`),
        '\\bottomrule',
        '\\end{tabular}',
        '',
      ].join('\n')
    })
    .join('\n')

const summaryLatex = (summary: Summary | null): string =>
  summary === null
    ? '--'
    : `$${summary.mean.toFixed(1)}${summary.deviation === null ? '' : ` \\pm ${summary.deviation.toFixed(1)}`}$`

const latex: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
}

const escapeLatex = (text: string): string =>
  text.replaceAll(/[\\~^&%$#_{}]/g, (letter) => latex[letter] ?? `\\${letter}`)
