import {fail, type Machine} from './machine.ts'
import {describe, isKind, opaque, type PickleValue, type Storage} from './values.ts'

/**
 * torch.save's persistent id: ('storage', a storage class, key, device, count), and in legacy files a view of it; there too
 * ('module', a class, its file, its source), which stands for the class and is judged as that. Anything else is kept as an
 * object that nothing takes for a storage.
 */
export function persistent(machine: Machine, id: PickleValue): PickleValue {
  if (isKind(id, 'tuple') && id.items[0] === 'module' && isKind(id.items[1], 'global')) return id.items[1]
  if (!isKind(id, 'tuple') || id.items[0] !== 'storage') return opaque('persistent id', [id])
  const [, type, key, , count, view] = id.items
  if (!isKind(type, 'global') || !/^torch(\.storage)?$/.test(type.module) || !/^\w*Storage$/.test(type.name))
    return fail(machine, 'a storage of a type that is none of torch')
  if (typeof key !== 'string' || typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0)
    return fail(machine, 'a storage without key or count')
  const storage: Storage = {kind: 'storage', type: type.name, key, count, begin: beginOf(machine, view)}
  rememberType(machine, storage)
  machine.context.storages.set(key, storage)
  rememberView(machine, storage, view)
  return storage
}

/** Of two types PyTorch takes the first for both, or each for its own, by its version; no torch.save writes that of what has items. */
function rememberType(machine: Machine, {key, type, count}: Storage): void {
  if (count === 0) return
  const known = machine.types.get(key) ?? type
  if (known !== type) fail(machine, `the storage ${describe(key)} is both ${known} and ${type}`)
  machine.types.set(key, type)
}

/** (key of the view, its first item, how many) in files from before PyTorch 1.6; None in most of them. */
function beginOf(machine: Machine, view: PickleValue | undefined): number {
  if (view === undefined || view === null) return 0
  const begin = isKind(view, 'tuple') ? view.items[1] : undefined
  return typeof begin === 'number' && Number.isSafeInteger(begin) && begin >= 0
    ? begin
    : fail(machine, 'a view of a storage that is none')
}

/** PyTorch keeps storages and views under their keys in one place, and takes the first that it finds there. */
function rememberView(machine: Machine, {key, begin}: Storage, view: PickleValue | undefined): void {
  const isOther = (of: {key: string; begin: number} | undefined, is: {key: string; begin: number}) =>
    of !== undefined && (of.key !== is.key || of.begin !== is.begin)
  const taken = (name: string) =>
    fail(machine, `two storages, or views of storages, have the key ${describe(name)}`)
  if (isOther(machine.views.get(key), {key, begin: 0})) taken(key)
  const name = isKind(view, 'tuple') ? view.items[0] : undefined
  if (typeof name !== 'string') return
  const isStorage = machine.context.storages.has(name)
  if (isOther(isStorage ? {key: name, begin: 0} : machine.views.get(name), {key, begin})) taken(name)
  machine.views.set(name, {key, begin})
}
