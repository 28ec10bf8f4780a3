import {basename, dirname, join} from 'node:path'
import {createHash} from 'node:crypto'
import {AbdError} from '../errors.ts'
import {parserAnswer, readParserAnswer} from './isolation/isolated-parse.ts'
import {joinedSource, type Loadable} from './joined-source.ts'
import {defaultLimits, type Limits} from './limits.ts'
import {loadPlan} from './load-plan.ts'
import {isDangerous, type ModelFile, type NonFinite} from './model-file.ts'
import {findNonFinite} from './non-finite.ts'
import {parseFile, type ParsedAs} from './parse-file.ts'
import type {Plan} from './plan.ts'
import {finding, ranked} from './scan-rules.ts'
import {openSource, type SourceFile} from './source-file.ts'
import type {StateDict} from './state-dict.ts'

export interface ReadModelFileOptions {
  /** Which part of a checkpoint holds the weights. */
  readonly key?: string
  readonly limits?: Partial<Limits>
  readonly signal?: AbortSignal
  /**
   * Parse in a process of its own, without rights: for files of strangers. Default: what ABD_ISOLATION says, else yes.
   */
  readonly isolate?: boolean
  /** What a process that parsed this file answered (`parserAnswer`): it is not parsed again. */
  readonly answer?: Buffer
}

/** What there is to say of a file before anybody asks for its weights. */
export interface Reading extends Omit<ModelFile, 'stateDict' | 'nonFinite'> {
  readonly stateDict: StateDict
  readonly nonFinite: readonly NonFinite[]
  /** Why its weights cannot be read although it was scanned. */
  readonly refusal?: AbdError
}

/**
 * Reads a model file of any known format, by its content, and scans it; nothing in it is executed. A dangerous file is
 * returned with its findings (`isDangerous`), and without weights where it has none.
 * Throws an AbdError: exit 4 for a file that is missing, broken or not supported, 2 for a key that it does not have.
 */
export async function readModelFile(path: string, options: ReadModelFileOptions = {}): Promise<ModelFile> {
  const {refusal, ...file} = await readAndScan(path, options)
  if (refusal && !isDangerous(file.scan)) throw refusal
  return file
}

/** As `readModelFile`, but a file whose weights are of a kind that abd only scans is no error. */
export async function readAndScan(path: string, options: ReadModelFileOptions = {}): Promise<Reading> {
  const limits = {...defaultLimits, ...options.limits}
  await using file = await openSource(path, limits, options.signal)
  file.begin()
  const parsed = await parse(file, options, limits)
  await using others = await openOthers(path, parsed.plan, limits, options.signal)
  const {stateDict, scan, finite} = await load(parsed, {file, others: others.sources}, limits)
  const nonFinite = findNonFinite(stateDict, finite)
  return {
    path,
    format: parsed.format,
    bytes: [file, ...others.files].reduce((sum, {bytes}) => sum + bytes, 0),
    sha256: await hashOf([file, ...others.files]),
    stateDict,
    scan: ranked([...parsed.plan.scan, ...scan, ...nonFinite.map(describeNonFinite)]),
    nonFinite,
    metadata: parsed.plan.metadata,
    ...(parsed.plan.graph && {graph: parsed.plan.graph}),
    ...(parsed.refusal && {refusal: parsed.refusal}),
  }
}

async function parse(file: SourceFile, options: ReadModelFileOptions, limits: Limits): Promise<ParsedAs> {
  const isolate = options.isolate ?? process.env['ABD_ISOLATION'] !== 'off'
  const given = {
    limits,
    ...(options.key !== undefined && {key: options.key}),
    ...(options.signal && {signal: options.signal}),
  }
  if (!isolate && !options.answer) return parseFile(file, given)
  const {digests, ...parsed} = readParserAnswer(
    options.answer ?? (await parserAnswer(file, given)),
    file.path,
  )
  file.expect(digests)
  return parsed
}

/** The files beside it that hold weights: plain names in the same folder. `sources` are what the plan counts. */
async function openOthers(path: string, plan: Plan, limits: Limits, signal: AbortSignal | undefined) {
  const files: SourceFile[] = []
  const sources: Loadable[] = []
  const close = async () => {
    for (const file of files) await file[Symbol.asyncDispose]()
  }
  const open = async (name: string) => {
    const file = await openSource(join(dirname(path), basename(name)), limits, signal)
    files.push(file)
    return file
  }
  try {
    for (const names of plan.files) {
      const parts: SourceFile[] = []
      for (const name of [names].flat()) parts.push(await open(name))
      sources.push(joinedSource(parts))
    }
  } catch (error) {
    await close()
    throw error
  }
  return {files, sources, [Symbol.asyncDispose]: close}
}

async function load(
  {plan, payload}: ParsedAs,
  sources: {file: SourceFile; others: readonly Loadable[]},
  limits: Limits,
): Promise<Awaited<ReturnType<typeof loadPlan>>> {
  try {
    return await loadPlan(plan, {...sources, payload: new Uint8Array(Buffer.concat(payload ?? []))}, limits)
  } catch (error) {
    // A dangerous file is reported, not refused.
    if (error instanceof AbdError && isDangerous(plan.scan) && error.code !== 'E_FILE_CHANGED')
      return {stateDict: new Map(), scan: [], finite: new Set()}
    throw error
  }
}

/** Of the file; where it has weights in others, of the hashes of all of them. */
async function hashOf(files: readonly SourceFile[]): Promise<string> {
  const hashes: string[] = []
  for (const file of files) hashes.push(await file.sha256())
  return combinedHash(hashes)
}

/** One SHA-256 for the files of a model, from theirs: its own where there is one. */
export const combinedHash = (hashes: readonly string[]): string =>
  hashes.length === 1 ? hashes[0]! : createHash('sha256').update(hashes.join('\n')).digest('hex')

const describeNonFinite = ({tensor, count}: NonFinite) =>
  finding('nonFinite', `tensor '${tensor}' has ${count} values that are NaN or infinite`, null)
