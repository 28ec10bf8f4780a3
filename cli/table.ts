import Table from 'cli-table3'
import {styleText} from 'node:util'
import {printableLine} from './printable.ts'

/** A borderless table for the terminal: bold heads, cells made safe, numbers (columns listed in `right`) to the right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const t = new Table({
    head: head.map((cell) => styleText('bold', cell)),
    colAligns: head.map((_, column) => (right.includes(column) ? 'right' : 'left')),
    style: {head: [], border: [], 'padding-left': 0, 'padding-right': 2},
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '',
    },
  })
  for (const row of rows) t.push(row.map((cell) => printableStyled(cell)))
  return t.toString().replaceAll(/ +$/gm, '')
}

// ESC, spelt so that no control character stands in the expression.
const styling = new RegExp(`(${String.fromCharCode(27)}\\[[0-9;]*m)`)

/** Cells may carry our own styling (SGR sequences); everything else that controls a terminal is shown. */
const printableStyled = (cell: string) =>
  cell
    .split(styling)
    .map((part, i) => (i % 2 ? part : printableLine(part)))
    .join('')
