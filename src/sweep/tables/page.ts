import {code, figure, html, trusted} from '../../report/html/html.ts'
import type {Html} from '../../report/html/html.ts'
import {tabIcon} from '../../report/html/icon.ts'
import {page} from '../../report/html/page.ts'
import {table as htmlTable} from '../../report/html/table.ts'
import type {Table} from './table.ts'
import {intervalText, legendOf, tableTexts} from './texts.ts'

/** Pictures of a table, by what they show. */
export type Pictures = Readonly<Record<string, string>>

/** One page, with everything in it: tables, intervals, pictures. */
export const tablePage = (
  name: string,
  tables: readonly {readonly table: Table; readonly pictures: Pictures}[],
): string =>
  page({
    title: name,
    icon: tabIcon('pass'),
    heading: name,
    skip: 'Skip to the tables',
    byline: null,
    main: html`<article class="report">
      ${tables.map(({table, pictures}) => section(table, pictures))}
    </article>`,
    footer: html`<footer><p>Intervals: 95 %, of the mean, by Student's t.</p></footer>`,
  })

const section = (table: Table, pictures: Pictures): Html => {
  const {head, rows} = tableTexts(table)
  const intervals = table.rows.map((_, i) =>
    table.cells[i]!.map((cell) =>
      table.values.map((value) => intervalText(cell?.[value] ?? null)).join(' / '),
    ),
  )
  return html`<section>
    <h3>${table.title}</h3>
    <p class="note">${legendOf(table)}</p>
    ${htmlTable(
      table.title,
      head.map((title, i) => ({title, numeric: i > 0})),
      rows.map(([label = '', ...cells], i) => [
        code(label),
        ...cells.map((text, j) => html`${figure(text)}<br /><small>${figure(intervals[i]![j]!)}</small>`),
      ]),
    )}
    ${Object.entries(pictures).map(
      ([label, svg]) =>
        html`<div role="img" aria-label="${label}" style="overflow-x: auto">${trusted(svg)}</div>`,
    )}
  </section>`
}
