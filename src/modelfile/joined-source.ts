import type {Range} from './pass/pass.ts'
import type {SourceFile} from './source-file.ts'

/** What is loaded from: one file, or several as if they were one. */
export type Loadable = Pick<SourceFile, 'bytes' | 'load'>

/** Files of which each goes on where the one before ends: a range may lie in several of them. */
export function joinedSource(files: readonly SourceFile[]): Loadable {
  const starts = files.map((_, i) => files.slice(0, i).reduce((sum, {bytes}) => sum + bytes, 0))
  return {
    bytes: files.reduce((sum, {bytes}) => sum + bytes, 0),
    async load(ranges) {
      for (const [i, file] of files.entries()) {
        const [from, to] = [starts[i]!, starts[i]! + file.bytes]
        await file.load(ranges.flatMap((range) => within(range, from, to)))
      }
    },
  }
}

/** The part of a range that lies in the file from `from` to `to`, by the file's own count. */
function within({start, into, seen}: Range, from: number, to: number): Range[] {
  const [first, last] = [Math.max(start, from), Math.min(start + into.length, to)]
  return first < last ? [{start: first - from, into: into.subarray(first - start, last - start), seen}] : []
}
