import type {ScanFinding} from './scan-finding.ts'
import type {Graph} from './plan.ts'
import type {StateDict} from './state-dict.ts'

export type MetadataValue = string | number | boolean | null
export type Metadata = Readonly<Record<string, MetadataValue>>

export interface NonFinite {
  readonly tensor: string
  /** How many of its values are NaN or infinite. */
  readonly count: number
}

/** A model file, read without executing anything in it. */
export interface ModelFile {
  readonly path: string
  /** The reader's name: 'safetensors', 'pytorch-zip', 'onnx', … */
  readonly format: string
  readonly bytes: number
  /** Of the very bytes that were parsed; where weights lie in other files, of the hashes of all of them, a line each. */
  readonly sha256: string
  /** Empty only where `scan` says that the file is dangerous (severity critical or high). */
  readonly stateDict: StateDict
  /** Worst first. */
  readonly scan: readonly ScanFinding[]
  readonly nonFinite: readonly NonFinite[]
  /** What the file says beside its tensors: safetensors' `__metadata__`, a checkpoint's plain values (`epoch`, `args.lr`). */
  readonly metadata: Metadata
  /** Where the file holds the network itself (ONNX, Keras, TensorFlow.js). */
  readonly graph?: Graph
}

/** Whether loading the file with PyTorch may run code, or the file was made to fool those who look into it. */
export const isDangerous = (scan: readonly ScanFinding[]): boolean =>
  scan.some(({severity}) => severity === 'critical' || severity === 'high')
