import {totalmem} from 'node:os'

/** How much of a file's beginning its format is told by. */
export const HEAD_BYTES = 65_536

/** What a reader refuses to go beyond, so that a small file cannot cost much. All of them far above any real model. */
export interface Limits {
  readonly fileBytes: number
  /** Bytes that are parsed rather than copied: headers, directories, pickles. */
  readonly structureBytes: number
  readonly pickleBytes: number
  readonly opcodes: number
  /** Values on a pickle's stack or in its memo. */
  readonly pickleValues: number
  /** Names that a pickle imports. */
  readonly imports: number
  /** Pickles in one file, nested ones included. */
  readonly pickles: number
  readonly entries: number
  /** Unpacked to packed size of a compressed entry. */
  readonly ratio: number
  readonly unpackedBytes: number
  /** What the weights take when they are loaded, packed and unpacked. */
  readonly loadedBytes: number
  readonly tensors: number
  /** Characters in a tensor's name. */
  readonly nameLength: number
  readonly dimensions: number
  /** What tensors may take beyond what the file holds of them: expanded (stride 0) and overlapping views. */
  readonly expandedBytes: number
  /** Of one severity. */
  readonly findings: number
}

const MiB = 2 ** 20

/** What this process may have of the machine's memory: a container may have less than all. */
const memory = () => Math.min(totalmem(), process.constrainedMemory() || Infinity)

export const defaultLimits: Limits = {
  fileBytes: 32 * 1024 * MiB,
  structureBytes: 256 * MiB,
  pickleBytes: 64 * MiB,
  opcodes: 2_000_000,
  pickleValues: 1_000_000,
  imports: 10_000,
  pickles: 20_000,
  entries: 20_000,
  ratio: 200,
  unpackedBytes: 4 * 1024 * MiB,
  loadedBytes: memory(),
  tensors: 50_000,
  nameLength: 2000,
  dimensions: 32,
  expandedBytes: 256 * MiB,
  findings: 100,
}
