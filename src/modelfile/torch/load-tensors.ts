import type {ScanFinding} from '../../audit/report-schema.ts'
import {environmentError} from '../../errors.ts'
import type {Limits} from '../limits.ts'
import type {TensorView} from '../pickle/values.ts'
import {finding} from '../scan-rules.ts'
import type {SourceFile} from '../source-file.ts'
import type {StateDict} from '../state-dict.ts'
import type {ArchiveEntry} from '../zip/open-archive.ts'
import {brokenZip} from '../zip/open-archive.ts'
import {checkEntry, hasChecksum, readEntry, unpack} from '../zip/unpack.ts'
import {materialise, storageBytes} from './materialise.ts'
import type {Layout} from './zip-reader.ts'

/** Reads the storages that the tensors need in one pass over the file, and makes the tensors of them. */
export async function loadTensors(
  file: SourceFile,
  tensors: ReadonlyMap<string, TensorView>,
  layout: Layout,
  limits: Limits,
): Promise<{stateDict: StateDict; scan: ScanFinding[]}> {
  if (tensors.size > limits.tensors)
    throw brokenZip(file.path, `it has ${tensors.size} tensors, the limit is ${limits.tensors}`)
  for (const name of tensors.keys())
    if (name.length > limits.nameLength)
      throw badStorage(file, `a tensor has a name of ${name.length} characters`)
  const scan: ScanFinding[] = []
  const bigEndian = await isBigEndian(file, layout, limits)
  const plan = planStorages(file, tensors, layout, limits, scan)
  const packed = new Map([...plan].map(([key, entry]) => [key, new Uint8Array(entry.packedBytes)]))
  await file.load([...plan].map(([key, entry]) => ({start: entry.dataStart, into: packed.get(key)!})))
  const storages = new Map<string, Uint8Array<ArrayBuffer>>()
  for (const [key, entry] of plan) {
    const bytes = await unpack(entry, packed.get(key)!, file.path)
    if (!hasChecksum(entry, bytes)) scan.push(finding('checksum', `entry '${entry.name}'`, entry.headerStart))
    storages.set(key, bytes)
  }
  const unpacked = [...plan.values()].reduce((sum, {bytes}) => sum + bytes, 0)
  const materials = {
    path: file.path,
    storages,
    bigEndian,
    budget: {bytes: 3 * unpacked + limits.expandedBytes},
  }
  return {
    stateDict: new Map([...tensors].map(([name, view]) => [name, materialise(name, view, materials)])),
    scan,
  }
}

/** The entry of every storage that is used. Throws E_PICKLE where one is missing or too short. */
function planStorages(
  file: SourceFile,
  tensors: ReadonlyMap<string, TensorView>,
  {root, entries}: Layout,
  limits: Limits,
  scan: ScanFinding[],
): ReadonlyMap<string, ArchiveEntry> {
  const plan = new Map<string, ArchiveEntry>()
  for (const [name, {storage}] of tensors) {
    const entry = entries.get(`${root}data/${storage.key}`)
    if (!entry) throw badStorage(file, `the storage '${storage.key}' of the tensor '${name}' is missing`)
    const needed = storageBytes(storage, name, file.path)
    if (entry.bytes < needed)
      throw badStorage(
        file,
        `the storage '${storage.key}' of the tensor '${name}' has ${entry.bytes} bytes, not ${needed}`,
      )
    if (plan.has(storage.key)) continue
    checkEntry(entry, file.path, limits)
    if (entry.method === 0 && entry.packedBytes !== entry.bytes)
      throw brokenZip(
        file.path,
        `entry '${entry.name}' is stored with two sizes, ${entry.packedBytes} and ${entry.bytes}`,
      )
    if (entry.bytes > needed)
      scan.push(
        finding(
          'storageSize',
          `storage '${storage.key}' has ${entry.bytes - needed} bytes more than it states`,
          entry.dataStart,
        ),
      )
    plan.set(storage.key, entry)
  }
  const unpacked = [...plan.values()].reduce((sum, {method, bytes}) => (method === 0 ? sum : sum + bytes), 0)
  if (unpacked > limits.unpackedBytes) throw brokenZip(file.path, `its entries unpack to ${unpacked} bytes`)
  return plan
}

async function isBigEndian(file: SourceFile, {root, entries}: Layout, limits: Limits): Promise<boolean> {
  const entry = entries.get(`${root}byteorder`)
  if (!entry) return false
  const order =
    entry.bytes > 16
      ? ''
      : Buffer.from(await readEntry(file, entry, limits))
          .toString('latin1')
          .trim()
  if (order !== 'little' && order !== 'big')
    throw brokenZip(file.path, `its byteorder is neither 'little' nor 'big'`)
  return order === 'big'
}

const badStorage = (file: SourceFile, why: string) =>
  environmentError({
    code: 'E_PICKLE',
    message: `${file.path}: ${why}.`,
    hints: ['The file is damaged or was made by hand; fetch it again from its source.'],
  })
