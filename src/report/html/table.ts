import type {Child, Html} from './html.ts'
import {html} from './html.ts'

export interface Column {
  readonly title: string
  /** Numbers stand right-aligned with even digits. */
  readonly numeric?: boolean
  /** What takes the room that is left, and a line of its own on a phone. */
  readonly wide?: 'bar' | 'prose'
}

/**
 * A table that becomes a list of cards on a phone: every cell knows its column's title, the roles keep it a table for a
 * screen reader although its display changes. The first cell heads its row.
 */
export const table = (
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Child[])[],
): Html =>
  html` <table role="table">
    <caption class="unseen">
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${columns.map(headCell)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map(
        (row) =>
          html`<tr role="row">
            ${row.map((cell, i) => bodyCell(columns[i] ?? {title: ''}, cell, i === 0))}
          </tr>`,
      )}
    </tbody>
  </table>`

const headCell = (column: Column) =>
  html`<th role="columnheader" scope="col" class="${kind(column)}">${column.title}</th>`

const bodyCell = (column: Column, cell: Child, heads: boolean) =>
  heads
    ? html`<th role="rowheader" scope="row" class="${kind(column)}">${cell}</th>`
    : html`<td role="cell" class="${kind(column)}" data-label="${column.title}"><div>${cell}</div></td>`

const kind = ({numeric, wide}: Column) => (numeric ? 'num' : wide ? `wide for-${wide}` : '')
