import {extname} from 'node:path'
import type {ScanFinding} from '../audit/report-schema.ts'
import {environmentError} from '../errors.ts'
import {refuseForeign} from './foreign-formats.ts'
import {defaultLimits, type Limits} from './limits.ts'
import type {ModelFile, NonFinite} from './model-file.ts'
import {findNonFinite} from './non-finite.ts'
import type {ModelReader} from './reader.ts'
import {readers} from './readers.ts'
import {finding, ranked} from './scan-rules.ts'
import {openSource, type SourceFile} from './source-file.ts'

export interface ReadModelFileOptions {
  /** Which part of a checkpoint holds the weights. */
  readonly key?: string
  readonly limits?: Partial<Limits>
  readonly signal?: AbortSignal
}

/**
 * Reads a model file of any known format, by its content, and scans it; nothing in it is executed. A dangerous file is
 * returned with its findings (`isDangerous`), and without weights where it has none.
 * Throws an AbdError: exit 4 for a file that is missing, broken or not supported, 2 for a key that it does not have.
 */
export async function readModelFile(path: string, options: ReadModelFileOptions = {}): Promise<ModelFile> {
  const limits = {...defaultLimits, ...options.limits}
  await using file = await openSource(path, limits, options.signal)
  const reader = readerOf(file)
  const {stateDict, scan, metadata} = await reader.read(file, {
    limits,
    ...(options.key !== undefined && {key: options.key}),
    ...(options.signal && {signal: options.signal}),
  })
  const nonFinite = findNonFinite(stateDict)
  return {
    path,
    format: reader.name,
    bytes: file.bytes,
    sha256: await file.sha256(),
    stateDict,
    scan: ranked([...scan, ...inspectExtension(path, reader), ...nonFinite.map(describeNonFinite)]),
    nonFinite,
    metadata,
  }
}

const extensionOf = (path: string) => extname(path).toLowerCase()

function readerOf({path, head}: SourceFile): ModelReader {
  const extension = extensionOf(path)
  const byContent = readers.find((reader) => reader.matches(head))
  if (byContent) return byContent
  const foreign = refuseForeign(path, head, extension)
  if (foreign) throw foreign
  // A damaged file of a format that only its name gives away: its reader says what is wrong.
  if (extension === '.safetensors') return readers.find(({name}) => name === 'safetensors')!
  throw environmentError({
    code: 'E_FORMAT_UNKNOWN',
    message: `${path} is of no format that abd knows; it begins with ${Buffer.from(head.subarray(0, 8)).toString('hex')}.`,
    hints: [
      'abd reads PyTorch state dicts (.pt, .pth) and safetensors.',
      'If it should be one of these, copy or download it again.',
    ],
  })
}

/** Extensions that promise a file without code. */
const harmless = [
  '.safetensors',
  '.onnx',
  '.h5',
  '.npy',
  '.npz',
  '.json',
  '.txt',
  '.png',
  '.jpg',
  '.jpeg',
  '.gguf',
]

function inspectExtension(path: string, {name, extensions}: ModelReader): ScanFinding[] {
  const extension = extensionOf(path)
  if (extensions.includes(extension)) return []
  const message = `'${extension}' on a file of the format ${name}`
  if (harmless.includes(extension) && name !== 'safetensors')
    return [finding('disguisedPickle', message, null)]
  const claimed =
    harmless.includes(extension) || readers.some((reader) => reader.extensions.includes(extension))
  return claimed ? [finding('wrongExtension', message, null)] : []
}

const describeNonFinite = ({tensor, count}: NonFinite) =>
  finding('nonFinite', `tensor '${tensor}' has ${count} values that are NaN or infinite`, null)
