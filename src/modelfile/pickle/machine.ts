import type {Limits} from '../limits.ts'
import {finding, type ScanRuleName} from '../scan-rules.ts'
import {BrokenPickle} from './broken-pickle.ts'
import {createFindingList, type FindingList} from '../finding-list.ts'
import type {Global, PickleValue, Storage} from './values.ts'

/** Where pickles lie and what they may cost; one for all pickles of a file. */
export interface PickleContext {
  readonly limits: Limits
  readonly signal?: AbortSignal
  readonly findings: FindingList
  /** Instructions run so far, over all pickles of the file. */
  instructions: number
  pickles: number
  /** Pickles within pickles. */
  depth: number
  /** Storages that were named, by key. */
  readonly storages: Map<string, Storage>
}

export const pickleContext = (limits: Limits, signal?: AbortSignal): PickleContext => ({
  limits,
  ...(signal && {signal}),
  findings: createFindingList(limits.findings),
  instructions: 0,
  pickles: 0,
  depth: 0,
  storages: new Map(),
})

/** Python's pickle machine: a stack with marks and a memo. It only ever holds inert values. */
export interface Machine {
  readonly context: PickleContext
  /** Of the pickle's first byte in the file; null where it is compressed. */
  readonly offset: number | null
  readonly stack: PickleValue[]
  readonly marks: number[]
  readonly memo: Map<number, PickleValue>
  /** Names that were imported, and where first. */
  readonly imported: Map<string, {readonly global: Global; readonly at: number}>
  readonly called: Set<string>
  /** Functions that PyTorch calls with the gradient of a tensor; filled after the tensor is made, perhaps. */
  readonly hooks: Set<PickleValue>
  /** Views of storages in legacy files, by their keys: what they are views of. */
  readonly views: Map<string, {readonly key: string; readonly begin: number}>
  /** Types of storages that have items, by their keys. */
  readonly types: Map<string, string>
  /** Start of the instruction that runs, in the pickle's bytes. */
  at: number
  /** What a call makes, for makers that call in turn. */
  call(callee: PickleValue, args: readonly PickleValue[]): PickleValue
  /** Interprets the pickles in a value of this one. */
  nested(bytes: Uint8Array): void
  /** Whether a value is a pickle from its first to its last instruction; if so, it was interpreted too. */
  hidden(bytes: Uint8Array): boolean
}

export const createMachine = (
  context: PickleContext,
  offset: number | null,
  reach: Pick<Machine, 'call' | 'nested' | 'hidden'>,
): Machine => ({
  ...reach,
  context,
  offset,
  stack: [],
  marks: [],
  memo: new Map(),
  imported: new Map(),
  called: new Set(),
  hooks: new Set(),
  views: new Map(),
  types: new Map(),
  at: 0,
})

export const fail = (machine: Machine, why: string): never => {
  throw new BrokenPickle(why, machine.at)
}

export function report(
  {context, offset, at: here}: Pick<Machine, 'context' | 'offset' | 'at'>,
  rule: ScanRuleName,
  message: string,
  at = here,
): void {
  context.findings.add(finding(rule, message, offset === null ? null : offset + at))
}

export function push(machine: Machine, value: PickleValue): void {
  if (machine.stack.length + machine.memo.size >= machine.context.limits.pickleValues)
    fail(machine, `more than ${machine.context.limits.pickleValues} values at once`)
  machine.stack.push(value)
}

/** Nothing below the last mark can be popped. */
export function pop(machine: Machine): PickleValue {
  if (machine.stack.length <= (machine.marks.at(-1) ?? 0)) fail(machine, 'the stack is empty')
  return machine.stack.pop()!
}

export function top(machine: Machine): PickleValue {
  if (machine.stack.length <= (machine.marks.at(-1) ?? 0)) fail(machine, 'the stack is empty')
  return machine.stack.at(-1)!
}

/** What lies above the last mark, which is removed with it. */
export function popMark(machine: Machine): PickleValue[] {
  const mark = machine.marks.pop()
  if (mark === undefined) return fail(machine, 'there is no mark')
  return machine.stack.splice(mark)
}

export function remember(machine: Machine, key: number | bigint): void {
  if (typeof key !== 'number' || key < 0) fail(machine, 'a memo key that is not a number')
  if (machine.memo.size >= machine.context.limits.pickleValues) fail(machine, 'too many values in the memo')
  machine.memo.set(key as number, top(machine))
}

export function recall(machine: Machine, key: number | bigint): void {
  const value = typeof key === 'number' ? machine.memo.get(key) : undefined
  if (value === undefined) return fail(machine, `the memo has no key ${String(key)}`)
  push(machine, value)
}
