import type {ScanFinding} from '../scan-finding.ts'
import {AbdError} from '../../errors.ts'
import {isDangerous} from '../model-file.ts'
import {pickleContext, type PickleContext} from '../pickle/machine.ts'
import {beginsLikePickle} from '../pickle/begins-like-pickle.ts'
import {brokenPickle} from '../pickle/refuse-pickle.ts'
import {scanPickle} from '../pickle/scan-pickle.ts'
import type {PickleValue} from '../pickle/values.ts'
import {noWeightsPlan, type Plan, type PlannedStorage} from '../plan.ts'
import type {Parsed, ParsedFile, ReadOptions} from '../reader.ts'
import {finding, scanRules} from '../scan-rules.ts'
import {readKeras} from '../keras/read-archive.ts'
import {brokenZip, openArchive, type ArchiveEntry} from '../zip/open-archive.ts'
import {checkEntry, hasChecksum, headOf, readEntry} from '../zip/unpack.ts'
import {mayBePickle, scanNpy} from '../pickle/scan-npy.ts'
import {refuseArchive} from './refuse-archive.ts'
import {badStorage, planTensors} from './plan-tensors.ts'
import {orRefusal} from './or-refusal.ts'
import {selectTensors} from './select-tensors.ts'

/** Every pickle in the archive, then where its storages lie; Keras 3's archives too. */
export async function parseZip(file: ParsedFile, options: ReadOptions): Promise<Parsed> {
  const {entries, findings} = await openArchive(file, options.limits)
  const context = pickleContext(options.limits, options.signal)
  const scan = [...findings]
  const layout = layoutOf(entries)
  const {value, failure} = await scanPickles({file, options, layout, context, scan})
  scan.push(...context.findings.all)
  const rescued = async () => ({plan: await rescue({file, options, layout, value, scan})})
  if (isDangerous(scan)) return rescued()
  if (failure) throw brokenPickle(`${file.path}: the pickle in '${failure.in}'`, failure.why)
  const keras = await readKeras(file, layout, options)
  if (keras) {
    scan.push(...keras.plan.scan)
    if (!layout.pickle) return {...keras, plan: {...keras.plan, scan}}
    scan.push(finding('polyglot', 'a PyTorch archive that is a Keras model too', null))
    return rescued()
  }
  if (value === undefined || layout.isScript)
    return {plan: noWeightsPlan(scan), refusal: refuseArchive(file.path, entries, layout.isScript)}
  return orRefusal(scan, () => contents({file, options, layout, value, scan}))
}

export interface Layout {
  /** 'archive/' or '': what PyTorch takes from the first entry. */
  readonly root: string
  readonly entries: readonly ArchiveEntry[]
  /** By its name as PyTorch finds it: whatever its case. That two have one name is reported. */
  find(name: string): ArchiveEntry | undefined
  readonly pickle: ArchiveEntry | undefined
  readonly isScript: boolean
}

function layoutOf(list: readonly ArchiveEntry[]): Layout {
  const byName = new Map(list.map((entry) => [entry.name.toLowerCase(), entry]))
  const find = (name: string) => byName.get(name.toLowerCase())
  const slash = list[0]?.name.indexOf('/') ?? -1
  const first = slash < 0 ? '' : list[0]!.name.slice(0, slash + 1)
  const other = list.find(({name}) => /^([^/]+\/)?data\.pkl$/i.test(name))
  const pickle = find(`${first}data.pkl`) ?? other
  const root = pickle?.name.slice(0, -'data.pkl'.length) ?? first
  const isScript = list.some(({name}) => name === `${root}constants.pkl` || name.startsWith(`${root}code/`))
  return {root, entries: list, find, pickle, isScript}
}

interface Work {
  readonly file: ParsedFile
  readonly options: ReadOptions
  readonly layout: Layout
}

/** Every pickle in the archive, not only the one that torch.load reads. */
async function scanPickles(work: Work & {context: PickleContext; scan: ScanFinding[]}) {
  const {file, options, layout, context, scan} = work
  let value: PickleValue | undefined
  let failure: {in: string; why: string} | undefined
  const failed = (entry: ArchiveEntry, why: string | undefined) => {
    if (why !== undefined) failure ??= {in: entry.name, why}
  }
  for (const entry of layout.entries) {
    options.signal?.throwIfAborted()
    const head = await headOf(file, entry)
    if (!isPickle(entry, head, layout)) {
      scan.push(...inspectEntry(entry, head, layout))
      failed(entry, await scanArray(work, entry, head))
      continue
    }
    const bytes = await readEntry(file, entry, options.limits)
    if (!hasChecksum(entry, bytes)) scan.push(finding('checksum', `entry '${entry.name}'`, entry.headerStart))
    const result = scanPickle(bytes, entry.method === 0 ? entry.dataStart : null, context)
    if (entry === layout.pickle) {
      value = result.value
      failed(entry, result.failure)
    } else if (!layout.isScript) scan.push(finding('extraPickle', `entry '${entry.name}'`, entry.headerStart))
  }
  return {value, failure}
}

/** An array of Python objects, which numpy.load goes by the first bytes of, not by the name; why it is broken. */
async function scanArray(
  {file, options, context}: Work & {context: PickleContext},
  entry: ArchiveEntry,
  head: Uint8Array,
): Promise<string | undefined> {
  if (!mayBePickle(head, {isWhole: head.length === entry.bytes})) return undefined
  const bytes = await readEntry(file, entry, options.limits)
  return scanNpy(bytes, entry.method === 0 ? entry.dataStart : null, context)
}

/** What no model has in its archive: programs, archives. */
function inspectEntry(entry: ArchiveEntry, bytes: Uint8Array, layout: Layout): ScanFinding[] {
  const at = entry.headerStart
  const isCode = layout.isScript && entry.name.startsWith(`${layout.root}code/`)
  if (!isCode && /\.(py[co]?|sh|bash|exe|dll|so|dylib|bat|cmd|ps1|js|jar|scr|vbs)$/i.test(entry.name))
    return [finding('program', `entry '${entry.name}'`, at)]
  const head = Buffer.from(bytes.subarray(0, 4)).toString('latin1')
  if (
    head.startsWith('\u007fELF') ||
    (head.startsWith('#!') && !entry.name.startsWith(`${layout.root}data/`))
  )
    return [finding('program', `entry '${entry.name}'`, at)]
  return head.startsWith('PK\u0003\u0004') ? [finding('nestedArchive', `entry '${entry.name}'`, at)] : []
}

/** By its name, or, where it is no storage, by its first bytes. */
function isPickle(entry: ArchiveEntry, head: Uint8Array, {root}: Layout): boolean {
  if (/\.(pkl|pickle)$/i.test(entry.name)) return true
  if (entry.name.startsWith(`${root}data/`) || entry.name.startsWith(`${root}constants/`)) return false
  return beginsLikePickle(head)
}

async function contents(work: Work & {value: PickleValue; scan: readonly ScanFinding[]}): Promise<Plan> {
  const {file, options, layout, value} = work
  const {tensors: views, metadata, scan: found} = selectTensors(value, options.key, file.path)
  const scan = [...work.scan, ...found]
  const bigEndian = await isBigEndian(work)
  const {tensors, storages} = planTensors(views, {
    path: file.path,
    limits: options.limits,
    place(storage, tensor, needed) {
      const entry = layout.find(`${layout.root}data/${storage.key}`)
      if (!entry)
        throw badStorage(file.path, `the storage '${storage.key}' of the tensor '${tensor}' is missing`)
      checkEntry(entry, file.path, options.limits)
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
      // PyTorch swaps a storage by its own items, and those of this one are bytes.
      return storageOf(entry, bigEndian && storage.type !== 'UntypedStorage')
    },
  })
  return {...noWeightsPlan(scan), tensors, storages, metadata}
}

const storageOf = (entry: ArchiveEntry, bigEndian: boolean): PlannedStorage => ({
  name: entry.name,
  file: -1,
  start: entry.dataStart,
  packedBytes: entry.packedBytes,
  bytes: entry.bytes,
  deflated: entry.method === 8,
  crc32: entry.crc32,
  bigEndian,
  foundAt: entry.headerStart,
})

async function isBigEndian({file, options, layout: {root, find}}: Work): Promise<boolean> {
  const entry = find(`${root}byteorder`)
  if (!entry) return false
  const order =
    entry.bytes > 16
      ? ''
      : Buffer.from(await readEntry(file, entry, options.limits))
          .toString('latin1')
          .trim()
  if (order !== 'little' && order !== 'big')
    throw brokenZip(file.path, `its byteorder is neither 'little' nor 'big'`)
  return order === 'big'
}

/** A dangerous file is reported, not refused; its weights come along where they can be read. */
async function rescue(
  work: Work & {value: PickleValue | undefined; scan: readonly ScanFinding[]},
): Promise<Plan> {
  const overlapping = work.scan.some(({rule}) => rule === scanRules.overlappingEntries.id)
  if (work.value === undefined || overlapping) return noWeightsPlan([...work.scan])
  try {
    return await contents({...work, value: work.value})
  } catch (error) {
    if (error instanceof AbdError) return noWeightsPlan([...work.scan])
    throw error
  }
}
