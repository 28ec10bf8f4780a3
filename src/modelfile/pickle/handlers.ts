import type {Argument} from './decode.ts'
import {build, call, callable, importGlobal} from './calls.ts'
import {inspectValue} from './inspect-value.ts'
import {fail, pop, popMark, push, recall, remember, report, top, type Machine} from './machine.ts'
import type {OpcodeName} from './opcodes.ts'
import {persistent} from './persistent.ts'
import {describe, isKind, list, opaque, tuple, type Dict, type PickleValue} from './values.ts'

type Handler = (machine: Machine, argument: Argument) => void

const pushArgument: Handler = (m, argument) => push(m, argument as PickleValue)
const pushText: Handler = (m, argument) => {
  inspectValue(m, argument as string | Uint8Array)
  push(m, argument as PickleValue)
}
const pushConstant =
  (value: PickleValue): Handler =>
  (m) =>
    push(m, value)
const nothing: Handler = () => {}

/** What each instruction does, after CPython's pickle.py, with `call` and `build` in place of calls. */
export const handlers: Readonly<Record<OpcodeName, Handler>> = {
  PROTO: (m, version) => {
    if ((version as number) > 5) fail(m, `protocol ${String(version)} is not known`)
  },
  FRAME: nothing,
  // The interpreter takes the value itself.
  STOP: nothing,

  NONE: pushConstant(null),
  NEWTRUE: pushConstant(true),
  NEWFALSE: pushConstant(false),
  INT: (m, line) => push(m, integer(m, line as string)),
  BININT: pushArgument,
  BININT1: pushArgument,
  BININT2: pushArgument,
  LONG: pushArgument,
  LONG1: pushArgument,
  LONG4: pushArgument,
  FLOAT: pushArgument,
  BINFLOAT: pushArgument,
  STRING: pushText,
  BINSTRING: pushText,
  SHORT_BINSTRING: pushText,
  UNICODE: pushText,
  BINUNICODE: pushText,
  SHORT_BINUNICODE: pushText,
  BINUNICODE8: pushText,
  BINBYTES: pushText,
  SHORT_BINBYTES: pushText,
  BINBYTES8: pushText,
  BYTEARRAY8: pushText,
  NEXT_BUFFER: (m) => fail(m, 'it needs buffers that are not in the file'),
  READONLY_BUFFER: (m) => void top(m),

  MARK: (m) => {
    if (m.marks.length >= m.context.limits.pickleValues) fail(m, 'too many marks')
    m.marks.push(m.stack.length)
  },
  POP: (m) => {
    if (m.marks.length > 0 && m.marks.at(-1) === m.stack.length) m.marks.pop()
    else pop(m)
  },
  POP_MARK: (m) => void popMark(m),
  DUP: (m) => push(m, top(m)),

  PUT: (m, key) => remember(m, key as number),
  BINPUT: (m, key) => remember(m, key as number),
  LONG_BINPUT: (m, key) => remember(m, key as number),
  MEMOIZE: (m) => remember(m, m.memo.size),
  GET: (m, key) => recall(m, key as number),
  BINGET: (m, key) => recall(m, key as number),
  LONG_BINGET: (m, key) => recall(m, key as number),

  EMPTY_TUPLE: (m) => push(m, tuple([])),
  TUPLE: (m) => push(m, tuple(popMark(m))),
  TUPLE1: (m) => push(m, tuple([pop(m)])),
  TUPLE2: (m) => push(m, tuple([pop(m), pop(m)].reverse())),
  TUPLE3: (m) => push(m, tuple([pop(m), pop(m), pop(m)].reverse())),
  EMPTY_LIST: (m) => push(m, list([])),
  LIST: (m) => push(m, list(popMark(m))),
  APPEND: (m) => append(m, [pop(m)]),
  APPENDS: (m) => append(m, popMark(m)),
  EMPTY_DICT: (m) => push(m, {kind: 'dict', entries: new Map()}),
  DICT: (m) => push(m, dict(m, popMark(m))),
  SETITEM: (m) => setItems(m, [pop(m), pop(m)].reverse()),
  SETITEMS: (m) => setItems(m, popMark(m)),
  EMPTY_SET: (m) => push(m, {kind: 'set', items: []}),
  FROZENSET: (m) => push(m, {kind: 'set', items: popMark(m)}),
  ADDITEMS: (m) => {
    const items = popMark(m)
    const target = top(m)
    if (!isKind(target, 'set')) return fail(m, `items are added to ${describe(target)}`)
    for (const item of items) target.items.push(item)
  },

  GLOBAL: (m, names) => push(m, importGlobal(m, ...(names as readonly [string, string]))),
  STACK_GLOBAL: (m) => {
    const name = pop(m)
    const module = pop(m)
    if (typeof name !== 'string' || typeof module !== 'string')
      return fail(
        m,
        `a name is imported that is ${describe(typeof name === 'string' ? module : name)}, not text`,
      )
    push(m, importGlobal(m, module, name))
  },
  EXT1: extension,
  EXT2: extension,
  EXT4: extension,
  REDUCE: (m) => {
    const args = pop(m)
    const callee = pop(m)
    push(m, call(m, callee, argumentsOf(m, args)))
  },
  NEWOBJ: (m) => {
    const args = pop(m)
    const callee = pop(m)
    push(m, call(m, callable(m, callee), argumentsOf(m, args)))
  },
  NEWOBJ_EX: (m) => {
    const named = pop(m)
    const args = pop(m)
    const callee = pop(m)
    if (!isKind(named, 'dict')) return fail(m, 'named arguments that are not a dict')
    push(m, call(m, callable(m, callee), [...argumentsOf(m, args), ...named.entries.values()]))
  },
  INST: (m, names) => {
    const args = popMark(m)
    push(m, call(m, importGlobal(m, ...(names as readonly [string, string])), args))
  },
  OBJ: (m) => {
    const [callee, ...args] = popMark(m)
    if (callee === undefined) return fail(m, 'an object without a class')
    push(m, call(m, callable(m, callee), args))
  },
  BUILD: (m) => {
    const state = pop(m)
    build(m, top(m), state)
  },

  PERSID: (m, id) => push(m, persistent(m, id as string)),
  BINPERSID: (m) => push(m, persistent(m, pop(m))),
}

function integer(m: Machine, line: string): PickleValue {
  // Protocol 0 has no other booleans.
  if (line === '00' || line === '01') return line === '01'
  const value = Number(line)
  return /^\s*[+-]?\d{1,15}\s*$/.test(line) ? value : fail(m, 'not a whole number')
}

function append(m: Machine, items: readonly PickleValue[]): void {
  const target = top(m)
  // What an object does with its items is its own affair: it was judged when it was made.
  if (isKind(target, 'object')) return
  if (!isKind(target, 'list')) fail(m, `items are appended to ${describe(target)}`)
  else for (const item of items) target.items.push(item)
}

function dict(m: Machine, items: readonly PickleValue[]): Dict {
  const made: Dict = {kind: 'dict', entries: new Map()}
  fillDict(m, made, items)
  return made
}

function setItems(m: Machine, items: readonly PickleValue[]): void {
  const target = top(m)
  if (isKind(target, 'object')) return
  if (!isKind(target, 'dict')) fail(m, `an item is set on ${describe(target)}`)
  else fillDict(m, target, items)
}

function fillDict(m: Machine, {entries}: Dict, items: readonly PickleValue[]): void {
  if (items.length % 2 !== 0) fail(m, 'a key without a value')
  for (let i = 0; i < items.length; i += 2) entries.set(items[i]!, items[i + 1]!)
}

function argumentsOf(m: Machine, args: PickleValue): readonly PickleValue[] {
  return isKind(args, 'tuple') ? args.items : fail(m, `called with ${describe(args)} in place of a tuple`)
}

function extension(m: Machine, code: Argument): void {
  report(m, 'extensionCode', `extension code ${String(code)}`)
  push(m, opaque(`extension ${String(code)}`, []))
}
