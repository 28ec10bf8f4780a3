import {extname} from 'node:path'
import {environmentError} from '../errors.ts'
import {refuseForeign} from './foreign-formats.ts'
import {findPickle} from './pickle/find-pickle.ts'
import type {ModelReader, Parsed, ParsedFile, ReadOptions} from './reader.ts'
import {readers} from './readers.ts'
import type {ScanFinding} from './scan-finding.ts'
import {finding} from './scan-rules.ts'

export interface ParsedAs extends Parsed {
  /** The reader's name. */
  readonly format: string
}

/** Finds the reader of a file by its content, and parses it. Throws an AbdError. */
export async function parseFile(file: ParsedFile, options: ReadOptions): Promise<ParsedAs> {
  const reader = readerOf(file)
  const parsed = await reader.parse(file, options)
  const scan = [
    ...parsed.plan.scan,
    ...inspectExtension(file.path, reader),
    ...(await findArchive(file, reader)),
    ...(pickled.includes(reader.name) ? [] : await findPickle(file, reader.name, options)),
  ]
  return {...parsed, plan: {...parsed.plan, scan}, format: reader.name}
}

/** The end record of a zip archive without or with a comment. */
const END_RECORD = 22
const MAX_COMMENT = 65_535

/** Zip archives are read from their end: one that hangs on another file is seen by some programs and not by others. */
async function findArchive(file: ParsedFile, {name}: ModelReader): Promise<ScanFinding[]> {
  if (zipped.includes(name) || file.bytes < END_RECORD) return []
  const length = Math.min(file.bytes, END_RECORD + MAX_COMMENT)
  const tail = Buffer.from(await file.read(file.bytes - length, length))
  for (
    let at = tail.lastIndexOf('PK\u0005\u0006');
    at >= 0;
    at = at === 0 ? -1 : tail.lastIndexOf('PK\u0005\u0006', at - 1)
  )
    if (at + END_RECORD <= length && at + END_RECORD + tail.readUInt16LE(at + 20) === length)
      return [finding('polyglot', `a ${name} file that is a zip archive too`, file.bytes - length + at)]
  return []
}

const zipped = ['pytorch-zip', 'keras-v3']

const extensionOf = (path: string) => extname(path).toLowerCase()

function readerOf({path, head}: ParsedFile): ModelReader {
  const extension = extensionOf(path)
  const byContent = readers.find((reader) => reader.matches(head, extension))
  if (byContent) return byContent
  const foreign = refuseForeign(path, head, extension)
  if (foreign) throw foreign
  // A damaged file of a format that only its name gives away: its reader says what is wrong.
  if (extension === '.safetensors') return readers.find(({name}) => name === 'safetensors')!
  throw environmentError({
    code: 'E_FORMAT_UNKNOWN',
    message: `${path} is of no format that abd knows; it begins with ${Buffer.from(head.subarray(0, 8)).toString('hex')}.`,
    hints: [
      'abd reads PyTorch state dicts (.pt, .pth), safetensors, ONNX, Keras (.h5, .keras) and TensorFlow.js (model.json).',
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

/** Formats that run code when their usual library loads them. */
const pickled = ['pytorch-zip', 'pytorch-legacy', 'pickle']

function inspectExtension(path: string, {name, extensions}: ModelReader): ScanFinding[] {
  const extension = extensionOf(path)
  if (extensions.includes(extension)) return []
  const message = `'${extension}' on a file of the format ${name}`
  if (harmless.includes(extension) && pickled.includes(name))
    return [finding('disguisedPickle', message, null)]
  const claimed =
    harmless.includes(extension) || readers.some((reader) => reader.extensions.includes(extension))
  return claimed ? [finding('wrongExtension', message, null)] : []
}
