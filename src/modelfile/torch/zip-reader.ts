import type {ScanFinding} from '../../audit/report-schema.ts'
import {AbdError, environmentError} from '../../errors.ts'
import {isDangerous} from '../model-file.ts'
import {pickleContext, type PickleContext} from '../pickle/machine.ts'
import {beginsLikePickle, scanPickle} from '../pickle/scan-pickle.ts'
import type {PickleValue} from '../pickle/values.ts'
import type {Contents, ModelReader, ReadOptions} from '../reader.ts'
import {finding, scanRules} from '../scan-rules.ts'
import type {SourceFile} from '../source-file.ts'
import {openArchive, type ArchiveEntry} from '../zip/open-archive.ts'
import {hasChecksum, readEntry} from '../zip/unpack.ts'
import {refuseArchive} from './refuse-archive.ts'
import {loadTensors} from './load-tensors.ts'
import {selectTensors} from './select-tensors.ts'

/** torch.save's format since PyTorch 1.6: a zip archive of one pickle and the storages. */
export const pytorchZip: ModelReader = {
  name: 'pytorch-zip',
  extensions: ['.pt', '.pth', '.bin', '.ckpt', '.pkl', '.tar'],

  // torch.load looks at the first four bytes too: what begins otherwise it unpickles.
  matches: (head) => head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4,

  async read(file, options) {
    const {entries, findings} = await openArchive(file, options.limits)
    const context = pickleContext(options.limits, options.signal)
    const scan = [...findings]
    const layout = layoutOf(entries)
    const {value, failure} = await scanPickles({file, options, layout, context, scan})
    scan.push(...context.findings.all)
    if (isDangerous(scan)) return rescue({file, options, layout, value, scan})
    if (failure) throw brokenPickle(file, layout.pickle!, failure)
    if (value === undefined || layout.isScript) throw refuseArchive(file.path, entries, layout.isScript)
    return contents({file, options, layout, value, scan})
  },
}

export interface Layout {
  /** 'archive/' or '': what PyTorch takes from the first entry. */
  readonly root: string
  readonly entries: ReadonlyMap<string, ArchiveEntry>
  readonly pickle: ArchiveEntry | undefined
  readonly isScript: boolean
}

function layoutOf(list: readonly ArchiveEntry[]): Layout {
  const entries = new Map(list.map((entry) => [entry.name, entry]))
  const slash = list[0]?.name.indexOf('/') ?? -1
  const first = slash < 0 ? '' : list[0]!.name.slice(0, slash + 1)
  const other = list.find(({name}) => /^([^/]+\/)?data\.pkl$/.test(name))
  const pickle = entries.get(`${first}data.pkl`) ?? other
  const root = pickle?.name.slice(0, -'data.pkl'.length) ?? first
  const isScript = list.some(({name}) => name === `${root}constants.pkl` || name.startsWith(`${root}code/`))
  return {root, entries, pickle, isScript}
}

interface Work {
  readonly file: SourceFile
  readonly options: ReadOptions
  readonly layout: Layout
}

/** Every pickle in the archive, not only the one that torch.load reads. */
async function scanPickles(work: Work & {context: PickleContext; scan: ScanFinding[]}) {
  const {file, options, layout, context, scan} = work
  let value: PickleValue | undefined
  let failure: string | undefined
  for (const entry of layout.entries.values()) {
    options.signal?.throwIfAborted()
    if (!(await isPickle(file, entry, layout))) continue
    const bytes = await readEntry(file, entry, options.limits)
    if (!hasChecksum(entry, bytes)) scan.push(finding('checksum', `entry '${entry.name}'`, entry.headerStart))
    const result = scanPickle(bytes, entry.method === 0 ? entry.dataStart : null, context)
    if (entry === layout.pickle) ({value, failure} = {failure: undefined, ...result})
    else if (!layout.isScript) scan.push(finding('extraPickle', `entry '${entry.name}'`, entry.headerStart))
  }
  return {value, failure}
}

/** By its name, or, where it is no storage, by its first bytes. */
async function isPickle(file: SourceFile, entry: ArchiveEntry, {root}: Layout): Promise<boolean> {
  if (/\.(pkl|pickle)$/i.test(entry.name)) return true
  if (entry.name.startsWith(`${root}data/`) || entry.name.startsWith(`${root}constants/`)) return false
  return entry.method === 0 && entry.packedBytes >= 2 && beginsLikePickle(await file.read(entry.dataStart, 2))
}

async function contents(work: Work & {value: PickleValue; scan: readonly ScanFinding[]}): Promise<Contents> {
  const {file, options, layout, value, scan} = work
  const {tensors, metadata} = selectTensors(value, options.key, file.path)
  const loaded = await loadTensors(file, tensors, layout, options.limits)
  return {stateDict: loaded.stateDict, scan: [...scan, ...loaded.scan], metadata}
}

/** A dangerous file is reported, not refused; its weights come along where they can be read. */
async function rescue(
  work: Work & {value: PickleValue | undefined; scan: readonly ScanFinding[]},
): Promise<Contents> {
  const nothing: Contents = {stateDict: new Map(), scan: work.scan, metadata: {}}
  const overlapping = work.scan.some(({rule}) => rule === scanRules.overlappingEntries.id)
  if (work.value === undefined || overlapping) return nothing
  try {
    return await contents({...work, value: work.value})
  } catch (error) {
    if (error instanceof AbdError) return nothing
    throw error
  }
}

const brokenPickle = (file: SourceFile, entry: ArchiveEntry, failure: string) =>
  environmentError({
    code: 'E_PICKLE',
    message: `${file.path}: the pickle in '${entry.name}' is broken: ${failure}.`,
    hints: ['Copy or download it again, and compare its checksum with the source.'],
  })
