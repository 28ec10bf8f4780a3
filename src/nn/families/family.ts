import type {StateDict} from '../../modelfile/state-dict.ts'
import type {Architecture} from '../architecture.ts'

export type Input = readonly [number, number, number]

export type Sizes = (name: string, axis: number) => number | undefined

/** Networks that are told by their names of tensors. */
export interface Family {
  readonly claims: (tensors: StateDict) => boolean
  /** The first convolution's filter. */
  readonly first: string | ((tensors: StateDict) => string)
  head(tensors: StateDict): string
  /** Without a hint. */
  input(channels: number, sizes: Sizes, tensors: StateDict): Input
  make(found: {tensors: StateDict; classes: number; input: Input}): Architecture
}

/** For networks that average over the image. */
export const anySize = (channels: number): Input => (channels === 1 ? [28, 28, 1] : [32, 32, channels])

/** How many blocks there are: at least one, so that what is missing can be named. */
export function count(tensors: StateDict, name: (index: number) => string): number {
  let blocks = 0
  while (tensors.has(name(blocks))) blocks++
  return Math.max(1, blocks)
}
