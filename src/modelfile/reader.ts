import type {ScanFinding} from '../audit/report-schema.ts'
import type {Limits} from './limits.ts'
import type {Metadata} from './model-file.ts'
import type {SourceFile} from './source-file.ts'
import type {StateDict} from './state-dict.ts'

export interface ReadOptions {
  /** Which part of a checkpoint holds the weights (`--key`). */
  readonly key?: string
  readonly limits: Limits
  readonly signal?: AbortSignal
}

export interface Contents {
  readonly stateDict: StateDict
  readonly scan: readonly ScanFinding[]
  readonly metadata: Metadata
}

/** One file format. To add one: a file with such a value, and a line in readers.ts. */
export interface ModelReader {
  readonly name: string
  /** With the dot, in lower case. */
  readonly extensions: readonly string[]
  /** By content: `head` is the first HEAD_BYTES of the file, or all of a shorter one. */
  matches(head: Uint8Array): boolean
  /**
   * Executes nothing. Throws an AbdError for what is broken or not supported; for a dangerous file it returns its
   * findings, with an empty state dict where there is none to be had.
   */
  read(file: SourceFile, options: ReadOptions): Promise<Contents>
}
