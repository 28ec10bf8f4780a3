import type {AbdError} from '../errors.ts'
import type {Limits} from './limits.ts'
import type {Plan} from './plan.ts'

export interface ReadOptions {
  /** Which part of a checkpoint holds the weights (`--key`). */
  readonly key?: string
  readonly limits: Limits
  readonly signal?: AbortSignal
}

/** What a reader sees of a file: its bytes at given positions. What it reads is kept, and must not change later. */
export interface ParsedFile {
  /** For messages, and for what only the name tells. */
  readonly path: string
  readonly bytes: number
  readonly head: Uint8Array
  /** For what is parsed, not for weights. Throws E_FILE_TRUNCATED beyond the end, E_LIMIT. */
  read(start: number, length: number): Promise<Uint8Array>
}

/** What a reader answers: where the weights lie; `payload` holds those that lie nowhere in the file as they are. */
export interface Parsed {
  readonly plan: Plan
  readonly payload?: readonly Uint8Array[]
  /** Why the weights cannot be read although the file could be scanned; what there is to find is in the plan. */
  readonly refusal?: AbdError
}

/**
 * One file format. To add one: a file with such a value, and a line in readers.ts. What `parse` needs it imports when it is
 * called: all readers are loaded for every file, and most of the time that a small file takes is that of loading code.
 */
export interface ModelReader {
  readonly name: string
  /** With the dot, in lower case. */
  readonly extensions: readonly string[]
  /** By content: `head` is the first HEAD_BYTES of the file, or all of a shorter one. */
  matches(head: Uint8Array, extension: string): boolean
  /**
   * Parses, executes nothing, and reads no weights. Throws an AbdError for what is broken or not supported; for a
   * dangerous file it returns its findings, without tensors where there are none to be had.
   */
  parse(file: ParsedFile, options: ReadOptions): Promise<Parsed>
}
