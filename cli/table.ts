import Table from 'cli-table3'
import {styleText} from 'node:util'
import {printable} from './printable.ts'

/** A borderless table for the terminal: bold heads, cells made safe, numbers (columns listed in `right`) to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const t = new Table({
    head: head.map((cell) => styleText('bold', cell)),
    colAligns: head.map((_, column) => (right.includes(column) ? 'right' : 'left')),
    style: {head: [], border: [], 'padding-left': 0, 'padding-right': 2},
    chars: {
      top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
      left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '',
    },
  })
  for (const row of rows) t.push(row.map((cell) => printableStyled(cell)))
  return t.toString()
}

/** Cells may carry our own styling (SGR sequences); everything else that controls a terminal is shown. */
// eslint-disable-next-line no-control-regex -- SGR sequences begin with ESC
const printableStyled = (cell: string) => cell.split(/(\u001b\[[0-9;]*m)/).map((part, i) => (i % 2 ? part : printable(part))).join('')
