import {AbdError} from '../../errors.ts'
import {truncated} from '../blocks.ts'
import {isDangerous} from '../model-file.ts'
import {interpret} from '../pickle/interpret.ts'
import {pickleContext} from '../pickle/machine.ts'
import {brokenPickle} from '../pickle/refuse-pickle.ts'
import {surveyPickle} from '../pickle/survey-pickle.ts'
import {describe, isKind, type PickleValue, type Storage} from '../pickle/values.ts'
import {noWeightsPlan, plainStorage, type Plan, type PlannedStorage} from '../plan.ts'
import type {Parsed, ParsedFile, ReadOptions} from '../reader.ts'
import {finding} from '../scan-rules.ts'
import {orRefusal} from './or-refusal.ts'
import {badStorage, planTensors, storageBytes} from './plan-tensors.ts'
import {selectTensors} from './select-tensors.ts'

/** Magic number, protocol version, system information, the object, the storages' keys; raw storages follow. */
const PICKLES = 5

/** Five pickles, all scanned, then where the storages lie. */
export async function parseLegacy(file: ParsedFile, options: ReadOptions): Promise<Parsed> {
  const {limits, signal} = options
  const context = pickleContext(limits, signal)
  const values: PickleValue[] = []
  let at = 0
  let failure: string | undefined
  for (let n = 0; n < PICKLES && failure === undefined; n++) {
    const bytes = await beginning(file, at, limits.pickleBytes)
    const result = interpret(bytes, at, context)
    at += result.end
    failure = result.failure
    if (result.value !== undefined) values.push(result.value)
  }
  const scan = [...context.findings.all]
  const work = {file, options, values, at, storages: context.storages, scan}
  if (isDangerous(scan)) return {plan: await rescue(work)}
  if (failure !== undefined) throw brokenPickle(`${file.path}: a pickle in it`, failure)
  return orRefusal(scan, () => contents(work))
}

/** How much is read for a pickle at first; few are longer. */
const FIRST_BYTES = 65_536

/** The bytes of a pickle and what follows: some kilobytes where its STOP is among them, else all that there may be. */
async function beginning(file: ParsedFile, at: number, most: number): Promise<Uint8Array> {
  const rest = Math.min(file.bytes - at, most)
  if (rest <= FIRST_BYTES) return file.read(at, Math.max(0, rest))
  for (let length = FIRST_BYTES; length < rest; length *= 4) {
    const bytes = await file.read(at, length)
    if (surveyPickle(bytes).reached === 'stop') return bytes
  }
  return file.read(at, rest)
}

interface Work {
  readonly file: ParsedFile
  readonly options: ReadOptions
  readonly values: readonly PickleValue[]
  /** Where the storages begin. */
  readonly at: number
  readonly storages: ReadonlyMap<string, Storage>
  readonly scan: Plan['scan']
}

async function contents(work: Work): Promise<Plan> {
  const {file, options, values, storages: named} = work
  const object = values[3]
  const {tensors: views, metadata, scan: found} = selectTensors(object!, options.key, file.path)
  const {placed, end} = await placeStorages(work)
  const scan = [...work.scan, ...found]
  if (end < file.bytes)
    scan.push(finding('trailingData', `${file.bytes - end} bytes follow the last storage`, end))
  const {tensors, storages} = planTensors(views, {
    path: file.path,
    limits: options.limits,
    place(storage, tensor) {
      const found = placed.get(storage.key)
      if (!found || !named.has(storage.key))
        throw badStorage(file.path, `the storage '${storage.key}' of the tensor '${tensor}' is missing`)
      return found
    },
  })
  return {...noWeightsPlan(scan), tensors, storages, metadata}
}

async function placeStorages({
  file,
  values,
  at,
  storages,
}: Work): Promise<{placed: Map<string, PlannedStorage>; end: number}> {
  const keys = values[4]
  if (!isKind(keys, 'list') && !isKind(keys, 'tuple'))
    throw badStorage(file.path, `its list of storages is ${describe(keys!)}`)
  const placed = new Map<string, PlannedStorage>()
  let position = at
  for (const key of keys.items) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined
    if (typeof key !== 'string' || !storage)
      throw badStorage(file.path, `it has a storage ${describe(key)} that nothing in it names`)
    if (placed.has(key)) throw badStorage(file.path, `it has the storage '${key}' twice`)
    const head = await file.read(position, 8)
    const count = new DataView(head.buffer, head.byteOffset).getBigInt64(0, true)
    if (count !== BigInt(storage.count))
      throw badStorage(file.path, `the storage '${key}' has ${count} items, not ${storage.count}`)
    const bytes = storageBytes(storage, `of storage ${key}`, file.path)
    if (position + 8 + bytes > file.bytes) throw truncated(file.path)
    const end = position + 8 + bytes
    placed.set(key, {...plainStorage({start: position + 8, end}, key), foundAt: position})
    position = end
  }
  return {placed, end: position}
}

/** A dangerous file is reported, not refused; its weights come along where they can be read. */
async function rescue(work: Work): Promise<Plan> {
  if (work.values.length < PICKLES) return noWeightsPlan([...work.scan])
  try {
    return await contents(work)
  } catch (error) {
    if (error instanceof AbdError) return noWeightsPlan([...work.scan])
    throw error
  }
}
