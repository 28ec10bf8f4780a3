import type {Passage} from './passage.ts'
import type {RawAttribute} from '../tensorflow-backend.ts'

/**
 * A step as the operations it made, in their order. Every tensor has a number, its slot: the events that make tensors
 * are numbered through, an operation with one for each output.
 */
export interface Trace {
  readonly events: readonly Event[]
  /** Slots of what survived the step when it was recorded. */
  readonly results: readonly number[]
  /** By the place of their first event. */
  readonly passages: Map<number, Passage>
  /** By the same, how often one was looked for there in vain. */
  readonly inVain: Map<number, number>
}

export type Event = External | Created | Operation

/** A tensor that was there before the step: a weight, an average, images. Noted where it is first used. */
export interface External extends TensorType {
  readonly kind: 'external'
}

/**
 * A tensor that the step made out of numbers: a learning rate, a batch. `fixed` are the few whole numbers that say what
 * an operation does (axes, sizes), which have to be the same each time.
 */
export interface Created extends TensorType {
  readonly kind: 'created'
  readonly fixed: readonly number[] | null
}

export interface Operation {
  readonly kind: 'operation'
  readonly name: string
  readonly attributes: readonly RawAttribute[]
  readonly inputs: readonly number[]
  readonly outputs: readonly TensorType[]
}

export interface TensorType {
  readonly shape: readonly number[]
  /** A number of TF_DataType. */
  readonly dtype: number
}

/** What is known of an operation before it has run. */
export type Call = Omit<Operation, 'outputs'>

export function isSame(recorded: Event | undefined, now: External | Created | Call): boolean {
  if (recorded?.kind !== now.kind) return false
  if (now.kind === 'operation') {
    const then = recorded as Operation
    return (
      then.name === now.name &&
      areEqual(then.inputs, now.inputs) &&
      sameAttributes(then.attributes, now.attributes)
    )
  }
  const then = recorded as External | Created
  if (then.dtype !== now.dtype || !areEqual(then.shape, now.shape)) return false
  return now.kind === 'external' || isEqual((then as Created).fixed, now.fixed)
}

const sameAttributes = (a: readonly RawAttribute[], b: readonly RawAttribute[]): boolean =>
  a.length === b.length &&
  a.every((one, i) => {
    const other = b[i]!
    return one.name === other.name && one.type === other.type && isEqual(one.value, other.value)
  })

function areEqual(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!isEqual(a[i], b[i])) return false
  return true
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  return Array.isArray(a) && Array.isArray(b) && areEqual(a, b)
}
