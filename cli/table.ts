import Table from 'cli-table3'
import {styleText} from 'node:util'
import {printableLine} from './printable.ts'

/** Text that may come from outside, or that with a style of ours round it. */
export type Cell = string | {readonly style: Parameters<typeof styleText>[0]; readonly text: string}

/** A borderless table for the terminal: bold heads, cells made safe, numbers (columns listed in `right`) to the right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  right: readonly number[] = [],
): string {
  const t = new Table({
    head: head.map((cell) => styleText('bold', printableLine(cell))),
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
  for (const row of rows) t.push(row.map(safely))
  return t.toString().replaceAll(/ +$/gm, '')
}

const safely = (cell: Cell): string =>
  typeof cell === 'string' ? printableLine(cell) : styleText(cell.style, printableLine(cell.text))
