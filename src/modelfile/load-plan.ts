import {environmentError} from '../errors.ts'
import {truncated} from './blocks.ts'
import {itemBytes} from './dtype.ts'
import type {Loadable} from './joined-source.ts'
import type {Limits} from './limits.ts'
import {lookAtStorage} from './look-at-storage.ts'
import {materialise} from './materialise.ts'
import type {Range} from './pass/pass.ts'
import type {Plan, PlannedStorage} from './plan.ts'
import type {ScanFinding} from './scan-finding.ts'
import {finding} from './scan-rules.ts'
import type {SourceFile} from './source-file.ts'
import type {StateDict} from './state-dict.ts'
import {unpack} from './zip/unpack.ts'
import {crc32} from 'node:zlib'

interface Sources {
  readonly file: Loadable & Pick<SourceFile, 'path'>
  /** Those that the plan names, opened, in its order. */
  readonly others: readonly Loadable[]
  readonly payload: Uint8Array<ArrayBuffer>
}

/**
 * Reads the bytes that a plan names, each file in one pass, and makes its tensors of them. The plan is believed in
 * nothing: what it says is checked against the files and the limits before anything is allocated.
 * `finite` are tensors that were seen to have no NaN and nothing infinite; of others nothing is known.
 * Throws E_PICKLE, E_ZIP, E_FILE_TRUNCATED, E_FILE_OVERLAP, E_FILE_CHANGED, E_LIMIT.
 */
export async function loadPlan(
  plan: Plan,
  sources: Sources,
  limits: Limits,
): Promise<{stateDict: StateDict; scan: ScanFinding[]; finite: ReadonlySet<string>}> {
  checkPlan(plan, sources, limits)
  const {file, others, payload} = sources
  const packed = plan.storages.map((storage) =>
    storage.file === -2
      ? payload.subarray(storage.start, storage.start + storage.packedBytes)
      : new Uint8Array(storage.packedBytes),
  )
  const looks = looksAtStorages(plan)
  for (const [index, source] of [file, ...others].entries()) {
    const ranges = plan.storages.flatMap((storage, i): Range[] =>
      storage.file === index - 1 ? [{start: storage.start, into: packed[i]!, seen: looks[i]?.seen}] : [],
    )
    await source.load(ranges)
  }
  const scan: ScanFinding[] = []
  const storages: Uint8Array<ArrayBuffer>[] = []
  for (const [index, storage] of plan.storages.entries()) {
    const bytes = await unpack(entryOf(storage), packed[index]!, file.path)
    if (storage.crc32 !== null && (looks[index]?.crc32() ?? crc32(bytes)) !== storage.crc32)
      scan.push(finding('checksum', `entry '${storage.name}'`, storage.foundAt))
    storages.push(bytes)
  }
  const unpacked = plan.storages.reduce((sum, {bytes}) => sum + bytes, 0)
  const materials = {
    path: file.path,
    storages,
    isBigEndian: (storage: number) => plan.storages[storage]!.bigEndian,
    budget: {bytes: 4 * unpacked + limits.expandedBytes},
  }
  return {
    stateDict: new Map(plan.tensors.map((tensor) => [tensor.name, materialise(tensor, materials)])),
    scan,
    finite: new Set(plan.tensors.flatMap(({name, storage}) => (looks[storage]?.isFinite() ? [name] : []))),
  }
}

/** Of each storage that lies in a file as it is used; what is packed or came with the plan is looked at afterwards. */
function looksAtStorages({storages, tensors}: Plan) {
  const dtypes = storages.map(() => new Set<string>())
  for (const {storage, dtype, quantised} of tensors) dtypes[storage]!.add(quantised ? 'quantised' : dtype)
  return storages.map(({file, deflated, bigEndian, crc32}, i) => {
    if (file === -2 || deflated) return undefined
    const isFloat32 = !bigEndian && dtypes[i]!.size === 1 && dtypes[i]!.has('float32')
    return lookAtStorage({isFloat32, hasChecksum: crc32 !== null})
  })
}

const entryOf = ({name, deflated, bytes, packedBytes}: PlannedStorage) => ({
  name,
  method: deflated ? 8 : 0,
  bytes,
  packedBytes,
})

function checkPlan(plan: Plan, {file, others, payload}: Sources, limits: Limits): void {
  if (plan.tensors.length > limits.tensors)
    throw tooMany(file.path, `${plan.tensors.length} tensors`, limits.tensors)
  for (const storage of plan.storages) {
    const bytes =
      storage.file === -2 ? payload.length : (storage.file === -1 ? file : others[storage.file])?.bytes
    if (bytes === undefined || storage.start + storage.packedBytes > bytes) throw truncated(file.path)
  }
  const unpacked = plan.storages.reduce((sum, {deflated, bytes}) => (deflated ? sum + bytes : sum), 0)
  if (unpacked > limits.unpackedBytes)
    throw tooMany(file.path, `entries that unpack to ${unpacked} bytes`, limits.unpackedBytes)
  checkMemory(plan, {file, others}, limits)
  for (const {name, dtype, storage, offset} of plan.tensors) {
    const held = plan.storages[storage]
    if (!held || offset * itemBytes(dtype) > held.bytes)
      throw environmentError({
        code: 'E_PICKLE',
        message: `${file.path}: the tensor '${name}' reaches beyond its storage.`,
        hints: ['The file is damaged or was made by hand; fetch it again from its source.'],
      })
  }
}

/** Storages of a file lie apart, so together they are no larger than it; and the machine has to hold them all. */
function checkMemory(plan: Plan, {file, others}: Omit<Sources, 'payload'>, limits: Limits): void {
  const taken = new Map<number, number>()
  let needed = 0
  for (const {file: index, packedBytes, bytes, deflated} of plan.storages) {
    if (deflated) needed += bytes
    if (index === -2) continue
    needed += packedBytes
    taken.set(index, (taken.get(index) ?? 0) + packedBytes)
  }
  for (const [index, bytes] of taken)
    if (bytes > (index === -1 ? file : others[index]!).bytes) throw overlapping(file.path)
  if (needed > limits.loadedBytes)
    throw environmentError({
      code: 'E_LIMIT',
      message: `${file.path} has ${needed} bytes of weights; there are ${limits.loadedBytes} bytes of memory for them.`,
      hints: ['Use a machine with more memory.'],
    })
}

const overlapping = (path: string) =>
  environmentError({
    code: 'E_FILE_OVERLAP',
    message: `${path}: its tensors or entries claim more bytes than it has.`,
    hints: ['The file is damaged or was made by hand; fetch it again from its source.'],
  })

const tooMany = (path: string, what: string, limit: number) =>
  environmentError({
    code: 'E_LIMIT',
    message: `${path} has ${what}; the limit is ${limit}.`,
    hints: ['No model needs that much; save only the weights (its state dict) again.'],
  })
