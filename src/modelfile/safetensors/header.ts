import {z} from 'zod'
import {environmentError} from '../../errors.ts'
import {truncated} from '../blocks.ts'
import {elements, itemBytes, type Dtype} from '../dtype.ts'
import type {Limits} from '../limits.ts'
import type {ParsedFile} from '../reader.ts'
import {duplicateKey} from './duplicate-key.ts'

/** The format's own limit on its header. */
export const MAX_HEADER_BYTES = 100_000_000

export const safetensorsDtypes: Readonly<Record<string, Dtype>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
  U16: 'uint16',
  U32: 'uint32',
  U64: 'uint64',
}

const size = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const Entry = z.strictObject({dtype: z.string(), shape: z.array(size), data_offsets: z.tuple([size, size])})
const Metadata = z.record(z.string(), z.string())

export interface TensorEntry {
  readonly name: string
  readonly dtype: Dtype
  readonly shape: readonly number[]
  /** In the file. */
  readonly start: number
  readonly end: number
}

export interface Header {
  readonly tensors: readonly TensorEntry[]
  readonly metadata: Readonly<Record<string, string>>
  /** Where the tensors' bytes begin in the file. */
  readonly dataStart: number
}

/** Reads and checks the header. Throws E_SAFETENSORS, E_FILE_TRUNCATED, E_DTYPE or E_LIMIT, naming tensor and place. */
export async function readHeader(file: ParsedFile, limits: Limits): Promise<Header> {
  if (file.bytes < 8) throw truncated(file.path)
  const length = Number(new DataView((await file.read(0, 8)).buffer).getBigUint64(0, true))
  if (length > Math.min(MAX_HEADER_BYTES, limits.structureBytes))
    throw broken(file, `its header is said to have ${length} bytes, the limit is ${MAX_HEADER_BYTES}`)
  if (8 + length > file.bytes) throw truncated(file.path)
  const dataStart = 8 + length
  const {__metadata__: metadata, ...rest} = parseJson(file, await file.read(8, length))
  const entries = Object.entries(rest)
  if (entries.length > limits.tensors)
    throw broken(file, `it has ${entries.length} tensors, the limit is ${limits.tensors}`)
  return {
    tensors: entries.map(([name, value]) => checkedEntry({file, limits, dataStart}, name, value)),
    metadata: checkedMetadata(file, metadata),
    dataStart,
  }
}

function parseJson(file: ParsedFile, bytes: Uint8Array): Record<string, unknown> {
  let value: unknown
  let twice: string | undefined
  try {
    const text = new TextDecoder('utf-8', {fatal: true}).decode(bytes)
    value = JSON.parse(text)
    twice = duplicateKey(text)
  } catch (error) {
    throw broken(
      file,
      `its header is not JSON in UTF-8 (${error instanceof Error ? error.message : 'unreadable'})`,
    )
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw broken(file, 'its header is not a JSON object')
  if (twice !== undefined) throw broken(file, `its header has the key '${twice}' twice`)
  return value as Record<string, unknown>
}

function checkedMetadata(file: ParsedFile, value: unknown): Readonly<Record<string, string>> {
  const parsed = Metadata.safeParse(value ?? {})
  if (!parsed.success) throw broken(file, '__metadata__ must map text to text')
  return parsed.data
}

function checkedEntry(
  where: {file: ParsedFile; limits: Limits; dataStart: number},
  name: string,
  value: unknown,
): TensorEntry {
  const {file, limits, dataStart} = where
  if (name.length > limits.nameLength) throw broken(file, `a tensor has a name of ${name.length} characters`)
  const parsed = Entry.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!
    throw broken(file, `tensor '${name}': ${issue.path.join('.') || 'entry'}: ${issue.message}`)
  }
  const {dtype: spelled, shape, data_offsets: offsets} = parsed.data
  const dtype = Object.hasOwn(safetensorsDtypes, spelled) ? safetensorsDtypes[spelled] : undefined
  if (!dtype)
    throw environmentError({
      code: 'E_DTYPE',
      message: `${file.path}: tensor '${name}' has the dtype '${spelled}', which abd does not read.`,
      hints: [`Save it as one of ${Object.keys(safetensorsDtypes).join(', ')}.`],
    })
  if (shape.length > limits.dimensions) throw broken(file, `tensor '${name}' has ${shape.length} dimensions`)
  const [begin, end] = offsets
  const needed = elements(shape) * itemBytes(dtype)
  if (begin > end || end - begin !== needed)
    throw broken(
      file,
      `tensor '${name}': offsets ${begin} to ${end} do not hold shape [${shape.join(', ')}] of ${spelled} (${needed} bytes)`,
    )
  if (dataStart + end > file.bytes) throw truncated(file.path)
  return {name, dtype, shape, start: dataStart + begin, end: dataStart + end}
}

export const broken = (file: ParsedFile, why: string) =>
  environmentError({
    code: 'E_SAFETENSORS',
    message: `${file.path} is not a valid safetensors file: ${why}.`,
    hints: ['Save it again with safetensors, or fetch it again from its source.'],
  })
