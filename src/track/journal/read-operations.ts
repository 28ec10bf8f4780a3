import {open} from 'node:fs/promises'
import {Operation} from './operations.ts'

/** A line of a journal, and where the next one begins (bytes). */
export interface Line {
  readonly end: number
  /** Undefined where the line is none that this abd understands. */
  readonly operation: Operation | undefined
  readonly text: string
}

const PIECE = 1 << 18

/**
 * Whole lines from byte `from` on, as far as they go now (and not past `until`); a last one without an end is one that
 * is being written, or was when its writer died.
 */
export async function* readOperations(
  path: string,
  {from = 0, until = Number.POSITIVE_INFINITY}: {readonly from?: number; readonly until?: number} = {},
): AsyncGenerator<Line> {
  await using file = await open(path, 'r')
  let rest = Buffer.alloc(0)
  let at = from
  for (let position = from; position < until;) {
    const piece = Buffer.allocUnsafe(Math.min(PIECE, until - position))
    const {bytesRead} = await file.read(piece, 0, piece.length, position)
    if (bytesRead === 0) return
    position += bytesRead
    rest = Buffer.concat([rest, piece.subarray(0, bytesRead)])
    for (let newline = rest.indexOf(10); newline >= 0; newline = rest.indexOf(10)) {
      const text = rest.subarray(0, newline).toString('utf8')
      rest = rest.subarray(newline + 1)
      at += newline + 1
      yield {end: at, operation: operationOf(text), text}
    }
  }
}

function operationOf(text: string): Operation | undefined {
  try {
    return Operation.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
