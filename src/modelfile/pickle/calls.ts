import {makers} from './makers.ts'
import {fail, report, type Machine} from './machine.ts'
import {isInert, judge} from './judge.ts'
import {
  describe,
  isKind,
  opaque,
  qualified,
  type Dict,
  type Global,
  type Opaque,
  type PickleValue,
} from './values.ts'

/** Imports nothing: remembers the name, and reports it where it is dangerous. */
export function importGlobal(machine: Machine, module: string, name: string): Global {
  const global: Global = {kind: 'global', module, name}
  const full = qualified(global)
  if (judge(global) === 'dangerous') report(machine, 'dangerousGlobal', `names ${full}`)
  const {imports} = machine.context.limits
  if (!machine.imported.has(full) && machine.imported.size >= imports)
    fail(machine, `more than ${imports} names`)
  if (!machine.imported.has(full)) machine.imported.set(full, {global, at: machine.at})
  return global
}

/** NEWOBJ and its kin want a class; everything else breaks the pickle in Python too. */
export function callable(machine: Machine, value: PickleValue): PickleValue {
  return isKind(value, 'global') || isKind(value, 'object')
    ? value
    : fail(machine, `${describe(value)} is no class`)
}

/** Calls nothing: makes the values that are known, and an opaque object of everything else, which is reported. */
export function call(machine: Machine, callee: PickleValue, args: readonly PickleValue[]): PickleValue {
  if (!isKind(callee, 'global')) {
    report(machine, 'unknownCall', `calls ${describe(callee)}, which is no name`)
    return opaque('the result of a call', args)
  }
  const full = qualified(callee)
  machine.called.add(full)
  const make = makers.get(full)
  if (make) {
    for (const argument of args) {
      reportHanded(machine, argument, full)
      machine.context.instructions += costOf(argument)
    }
    return make(args, machine)
  }
  const said = `${full}(${args.slice(0, 4).map(describe).join(', ')}${args.length > 4 ? ', …' : ''})`
  reportUse(machine, callee, `calls ${said}`)
  return opaque(full, args)
}

/** Making a value from others takes its time by their size: a list can be copied again and again. In instructions. */
function costOf(value: PickleValue): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length / 256
  if (isKind(value, 'dict')) return value.entries.size
  return isKind(value, 'list') || isKind(value, 'tuple') || isKind(value, 'set') ? value.items.length : 0
}

/** That a pickle calls a name, or has it called. */
function reportUse(machine: Machine, used: Global, call: string): void {
  const full = qualified(used)
  machine.called.add(full)
  switch (judge(used)) {
    case 'dangerous':
      return report(machine, 'dangerousGlobal', call)
    case 'library':
      return report(machine, 'libraryObject', `builds objects of ${full}`)
    case 'class':
      return report(machine, 'unknownObject', `builds objects of ${full}`)
    default:
      return report(machine, 'unknownCall', call)
  }
}

/** What is handed to a harmless call may be called by it: a factory, a class to build, a function to build it with. */
function reportHanded(machine: Machine, argument: PickleValue, to: string): void {
  if (isKind(argument, 'global') && judge(argument) !== 'allowed')
    reportUse(machine, argument, `hands ${qualified(argument)} to ${to}`)
}

/**
 * BUILD: the state of an object is kept, that of torch's own values (`_metadata`) means nothing for the weights. A tensor or a
 * storage that is given one becomes another (Tensor.__setstate__, TypedStorage's attributes), which no writer does.
 */
export function build(machine: Machine, target: PickleValue, state: PickleValue): void {
  if (isKind(target, 'global')) {
    report(machine, 'patchesGlobal', `changes ${qualified(target)}`)
    return
  }
  if (isKind(target, 'tensor') || isKind(target, 'storage'))
    fail(machine, `${describe(target)} is given a state, which would put another in its place`)
  if (!isKind(target, 'object') && !isKind(target, 'dict')) {
    fail(machine, `${describe(target)} is given a state`)
    return
  }
  const parts = isKind(state, 'tuple') && state.items.length === 2 ? state.items : [state]
  for (const part of parts) {
    if (!isKind(part, 'dict')) {
      if (part !== null && isKind(target, 'object')) target.state.set('', part)
      continue
    }
    for (const [name, value] of part.entries) {
      checkAttribute(machine, target, name, value)
      if (isKind(target, 'object')) target.state.set(typeof name === 'string' ? name : '', value)
    }
  }
}

/** What unpickling calls on an object, or makes another object of it: an attribute of that name stands in its way. */
const CALLED: ReadonlySet<PickleValue> = new Set(['__setstate__', '__class__', 'append', 'extend', 'add'])

/** An attribute that is a function is called in place of a method: by the next instruction, or by who uses a dict. */
function checkAttribute(
  machine: Machine,
  target: Dict | Opaque,
  name: PickleValue,
  value: PickleValue,
): void {
  // What is made like a text may be any name.
  const isCalled = isKind(target, 'dict') || isKind(name, 'object') || CALLED.has(name)
  if (!isCallable(value) || !isCalled) return
  report(machine, 'unknownCall', `puts ${describe(value)} in the place of a method, ${describe(name)}`)
  if (isKind(value, 'global')) machine.called.add(qualified(value))
}

/** Objects that the allow-list makes are none: devices, paths, arrays. */
const isCallable = (value: PickleValue): value is Global | Opaque =>
  isKind(value, 'global') ? !isInert(value) : isKind(value, 'object') && !makers.has(value.type)
