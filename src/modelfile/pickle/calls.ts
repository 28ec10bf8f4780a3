import {makers} from './makers.ts'
import {fail, report, type Machine} from './machine.ts'
import {judge} from './judge.ts'
import {describe, isKind, opaque, qualified, type Global, type PickleValue} from './values.ts'

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
  if (make) return make(args, machine)
  const said = `${full}(${args.slice(0, 4).map(describe).join(', ')}${args.length > 4 ? ', …' : ''})`
  switch (judge(callee)) {
    case 'dangerous':
      report(machine, 'dangerousGlobal', `calls ${said}`)
      break
    case 'library':
      report(machine, 'libraryObject', `builds objects of ${full}`)
      break
    case 'class':
      report(machine, 'unknownObject', `builds objects of ${full}`)
      break
    default:
      report(machine, 'unknownCall', `calls ${said}`)
  }
  return opaque(full, args)
}

/** BUILD: the state of an object is kept, that of torch's own values (`_metadata`) means nothing for the weights. */
export function build(machine: Machine, target: PickleValue, state: PickleValue): void {
  if (isKind(target, 'global')) {
    report(machine, 'patchesGlobal', `changes ${qualified(target)}`)
    return
  }
  if (isKind(target, 'dict') || isKind(target, 'tensor') || isKind(target, 'storage')) return
  if (!isKind(target, 'object')) {
    fail(machine, `${describe(target)} is given a state`)
    return
  }
  const parts = isKind(state, 'tuple') && state.items.length === 2 ? state.items : [state]
  for (const part of parts)
    if (isKind(part, 'dict'))
      for (const [name, value] of part.entries) target.state.set(typeof name === 'string' ? name : '', value)
    else if (part !== null) target.state.set('', part)
}
