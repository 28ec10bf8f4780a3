import {BrokenPickle} from './broken-pickle.ts'
import {call, importGlobal} from './calls.ts'
import {decodeAt, skipAt, type Argument} from './decode.ts'
import {handlers} from './handlers.ts'
import {judge} from './judge.ts'
import {createMachine, fail, pop, report, type Machine, type PickleContext} from './machine.ts'
import {surveyPickle} from './survey-pickle.ts'
import {describe, isKind, type PickleValue} from './values.ts'

export interface Interpretation {
  /** What the pickle builds; undefined where it is broken. */
  readonly value: PickleValue | undefined
  /** The byte after STOP, or where it broke. */
  readonly end: number
  /** Why it is broken, and where. */
  readonly failure?: string
}

/**
 * Runs one pickle that begins at the first of `bytes`. Nothing is imported or called: names stay names, calls on the
 * allow-list make inert values, all others make opaque objects and findings (in `context`). Never throws for what is in
 * the bytes. `offset` is that of the first byte in the file, or null.
 */
export function interpret(bytes: Uint8Array, offset: number | null, context: PickleContext): Interpretation {
  const machine: Machine = createMachine(context, offset, {
    call: (callee, args) => call(machine, callee, args),
    nested: (inner) => interpretNested(machine, bytes, inner),
    hidden(inner) {
      const {reached, end} = surveyPickle(inner)
      // An instruction has two bytes or so.
      machine.context.instructions += end / 2
      if (reached !== 'stop') return false
      interpretNested(machine, bytes, inner)
      return true
    },
  })
  context.pickles++
  let next = 0
  try {
    if (context.pickles > context.limits.pickles) fail(machine, `more than ${context.limits.pickles} pickles`)
    for (;;) {
      machine.at = next
      const instruction = decodeAt(bytes, next)
      next = instruction.end
      count(machine)
      if (instruction.name === 'STOP') return {value: pop(machine), end: next}
      handlers[instruction.name](machine, instruction.argument)
    }
  } catch (error) {
    if (!(error instanceof BrokenPickle)) throw error
    namesAfter(machine, bytes, next > machine.at ? next : endOf(bytes, machine.at))
    return {value: undefined, end: next, failure: `${error.message} (byte ${(offset ?? 0) + error.position})`}
  } finally {
    reportHooks(machine)
    reportUnused(machine)
  }
}

function count(machine: Machine): void {
  const {limits, signal} = machine.context
  if (++machine.context.instructions > limits.opcodes)
    fail(machine, `more than ${limits.opcodes} instructions, or as much work`)
  if (Math.floor(machine.context.instructions) % 65_536 === 0) signal?.throwIfAborted()
}

/** After a fault Python would stop too; still, what the rest names says what the file is for. */
function namesAfter(machine: Machine, bytes: Uint8Array, from: number): void {
  try {
    const texts = ['', '']
    for (let at = from; at < bytes.length;) {
      machine.at = at
      const {name, end} = skipAt(bytes, at)
      count(machine)
      const argument = argumentOf(bytes, at)
      if (typeof argument === 'string') texts.push(argument)
      if (name === 'STACK_GLOBAL') importGlobal(machine, texts.at(-2)!, texts.at(-1)!)
      if (name === 'GLOBAL' || name === 'INST')
        importGlobal(machine, ...(argument as readonly [string, string]))
      at = end
    }
  } catch (error) {
    if (!(error instanceof BrokenPickle)) throw error
  }
}

/** The byte after an instruction whose argument is bad, or after an unknown one. */
function endOf(bytes: Uint8Array, at: number): number {
  try {
    return skipAt(bytes, at).end
  } catch (error) {
    if (error instanceof BrokenPickle) return at + 1
    throw error
  }
}

function argumentOf(bytes: Uint8Array, at: number): Argument {
  try {
    return decodeAt(bytes, at).argument
  } catch (error) {
    if (error instanceof BrokenPickle) return undefined
    throw error
  }
}

function interpretNested(machine: Machine, outer: Uint8Array, bytes: Uint8Array): void {
  const {context, offset} = machine
  if (context.depth >= 4) fail(machine, 'pickles nested too deeply')
  context.depth++
  // One that is kept can be loaded again and again.
  context.instructions += bytes.length / 256
  const place =
    offset === null || bytes.buffer !== outer.buffer ? null : offset + bytes.byteOffset - outer.byteOffset
  // A torch file of the old form is several pickles, then raw bytes.
  for (let at = 0; at < bytes.length;) {
    const {end, failure} = interpret(bytes.subarray(at), place === null ? null : place + at, context)
    if (failure !== undefined) break
    at += end
  }
  context.depth--
}

/** What a tensor has for hooks when all is read: an empty OrderedDict, of what torch.save writes. */
function reportHooks(machine: Machine): void {
  for (const hooks of machine.hooks) {
    const functions = isKind(hooks, 'dict') ? [...hooks.entries.values()] : [hooks]
    for (const hook of functions)
      if (isKind(hook, 'global') || isKind(hook, 'object'))
        report(machine, 'unknownCall', `has ${describe(hook)} called with the gradient of a tensor`)
  }
}

function reportUnused(machine: Machine): void {
  for (const [full, {global, at}] of machine.imported) {
    if (machine.called.has(full)) continue
    const standing = judge(global)
    if (standing === 'class' || standing === 'unknown') report(machine, 'unknownGlobal', `names ${full}`, at)
  }
}
