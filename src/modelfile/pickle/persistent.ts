import {fail, type Machine} from './machine.ts'
import {isKind, opaque, type PickleValue} from './values.ts'

/**
 * torch.save's persistent id: ('storage', a storage class, key, device, count), and in legacy files a view of it.
 * Anything else is kept as an object that nothing takes for a storage.
 */
export function persistent(machine: Machine, id: PickleValue): PickleValue {
  if (!isKind(id, 'tuple') || id.items[0] !== 'storage') return opaque('persistent id', [id])
  const [, type, key, , count] = id.items
  if (!isKind(type, 'global') || !/^torch(\.storage)?$/.test(type.module) || !/^\w*Storage$/.test(type.name))
    return fail(machine, 'a storage of a type that is none of torch')
  if (typeof key !== 'string' || typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0)
    return fail(machine, 'a storage without key or count')
  return {kind: 'storage', type: type.name, key, count}
}
